/** `value` in hundredths of 10 points; null where the machine abstains. `average` of the position, where there is one. */
export interface Axis {
  label: string
  value: number | null
  average?: number | null
}

const SIZE = 400
const HEIGHT = 240
const RADIUS = 82
const TEAL = '#2f8f92'
const GREY = '#8a97a3'

/** A radar chart as SVG, in tones that can be read on light and dark ground (WXML has no inline SVG: it is an image). */
export function radarSvg(axes: Axis[]): string {
  const known = axes.length >= 3 ? axes : []
  const rings = [0.25, 0.5, 0.75, 1].map((part) => `<polygon points="${ring(axes.length, part)}" fill="none" stroke="${GREY}" stroke-opacity=".45"/>`)
  const spokes = axes.map((_, at) => `<line x1="${SIZE / 2}" y1="${HEIGHT / 2}" x2="${x(at, axes.length, 1)}" y2="${y(at, axes.length, 1)}" stroke="${GREY}" stroke-opacity=".45"/>`)
  const values = known.map((axis, at) => `${x(at, axes.length, share(axis))},${y(at, axes.length, share(axis))}`).join(' ')
  const shape = known.length ? `<polygon points="${values}" fill="${TEAL}" fill-opacity=".28" stroke="${TEAL}" stroke-width="2"/>` : ''
  const averages = axes.map(({ average }, at) => ({ part: (average ?? -1) / 1000, at })).filter(({ part }) => part >= 0)
  const usual = averages.length >= 3 ? `<polygon points="${averages.map(({ part, at }) => `${x(at, axes.length, part)},${y(at, axes.length, part)}`).join(' ')}" fill="none" stroke="${GREY}" stroke-width="2" stroke-dasharray="5 4"/>` : ''
  const dots = axes.filter((axis) => axis.value !== null).map((axis) => dot(axes.indexOf(axis), axes.length, share(axis)))
  const labels = axes.map((axis, at) => label(axis, at, axes.length))
  const parts = [...rings, ...spokes, usual, shape, ...dots, ...labels].join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${HEIGHT}" font-family="sans-serif" font-size="15">${parts}</svg>`
}

const share = (axis: Axis) => (axis.value ?? 0) / 1000
const angle = (at: number, count: number) => (2 * Math.PI * at) / count - Math.PI / 2
const x = (at: number, count: number, part: number) => round(SIZE / 2 + RADIUS * part * Math.cos(angle(at, count)))
const y = (at: number, count: number, part: number) => round(HEIGHT / 2 + RADIUS * part * Math.sin(angle(at, count)))
const round = (value: number) => Math.round(value * 10) / 10

function ring(count: number, part: number): string {
  return Array.from({ length: count }, (_, at) => `${x(at, count, part)},${y(at, count, part)}`).join(' ')
}

function dot(at: number, count: number, part: number): string {
  return `<circle cx="${x(at, count, part)}" cy="${y(at, count, part)}" r="3.5" fill="${TEAL}"/>`
}

function label(axis: Axis, at: number, count: number): string {
  const side = Math.cos(angle(at, count))
  const anchor = Math.abs(side) < 0.2 ? 'middle' : side > 0 ? 'start' : 'end'
  const words = axis.label.length > 18 ? `${axis.label.slice(0, 17)}…` : axis.label
  const down = Math.sin(angle(at, count)) > 0.5 ? 14 : 0
  return `<text x="${x(at, count, 1.12)}" y="${y(at, count, 1.12) + down}" text-anchor="${anchor}" fill="${GREY}">${escaped(words)}</text>`
}

export function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
