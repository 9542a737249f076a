/** `value` in hundredths of 10 points; null where the machine abstains. `average` of the position, where there is one. */
export interface Axis {
  label: string
  value: number | null
  average?: number | null
}

/** The drawing's own units. In a card of the narrowest phone (250 px) a unit is 0.83 px, and letters are 11.7 px. */
export const WIDTH = 300
export const HEIGHT = 250
export const LETTERS = 14
/** Room for two lines of a name above and below, and the largest shape that leaves some beside it. */
const NAMES = 40
const MOST_RADIUS = 92
const LONGEST = 112
const TEAL = '#2f8f92'
const GREY = '#8a97a3'
const INKS = '<style>text{fill:#55616d}@media(prefers-color-scheme:dark){text{fill:#a0acb6}}</style>'

/** A radar chart as SVG, in tones that can be read on light and dark ground (WXML has no inline SVG: it is an image). */
export function radarSvg(axes: Axis[]): string {
  const known = axes.length >= 3 ? axes : []
  const rings = [0.25, 0.5, 0.75, 1].map((part) => `<polygon points="${ring(axes.length, part)}" fill="none" stroke="${GREY}" stroke-opacity=".45"/>`)
  const spokes = axes.map((_, at) => `<line x1="${WIDTH / 2}" y1="${middle(axes.length)}" x2="${x(at, axes.length, 1)}" y2="${y(at, axes.length, 1)}" stroke="${GREY}" stroke-opacity=".45"/>`)
  const values = known.map((axis, at) => `${x(at, axes.length, share(axis))},${y(at, axes.length, share(axis))}`).join(' ')
  const shape = known.length ? `<polygon points="${values}" fill="${TEAL}" fill-opacity=".28" stroke="${TEAL}" stroke-width="2"/>` : ''
  const averages = axes.map(({ average }, at) => ({ part: (average ?? -1) / 1000, at })).filter(({ part }) => part >= 0)
  const usual = averages.length >= 3 ? `<polygon points="${averages.map(({ part, at }) => `${x(at, axes.length, part)},${y(at, axes.length, part)}`).join(' ')}" fill="none" stroke="${GREY}" stroke-width="2" stroke-dasharray="5 4"/>` : ''
  const dots = axes.filter((axis) => axis.value !== null).map((axis) => dot(axes.indexOf(axis), axes.length, share(axis)))
  const labels = axes.map((axis, at) => label(axis, at, axes.length))
  const parts = [...rings, ...spokes, usual, shape, ...dots, ...labels].join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="${LETTERS}">${INKS}${parts}</svg>`
}

const share = (axis: Axis) => (axis.value ?? 0) / 1000
const angle = (at: number, count: number) => (2 * Math.PI * at) / count - Math.PI / 2
/** How far below its middle a shape reaches, as a part of its radius: a triangle half as far as above. */
const below = (count: number) => Math.max(...Array.from({ length: count }, (_, at) => Math.sin(angle(at, count))))
const radius = (count: number) => Math.min(MOST_RADIUS, (HEIGHT - 2 * NAMES) / (1 + below(count)))
const middle = (count: number) => round(HEIGHT / 2 + (radius(count) * (1 - below(count))) / 2)
const x = (at: number, count: number, part: number) => round(WIDTH / 2 + radius(count) * part * Math.cos(angle(at, count)))
const y = (at: number, count: number, part: number) => round(middle(count) + radius(count) * part * Math.sin(angle(at, count)))
const round = (value: number) => Math.round(value * 10) / 10

function ring(count: number, part: number): string {
  return Array.from({ length: count }, (_, at) => `${x(at, count, part)},${y(at, count, part)}`).join(' ')
}

function dot(at: number, count: number, part: number): string {
  return `<circle cx="${x(at, count, part)}" cy="${y(at, count, part)}" r="3.5" fill="${TEAL}"/>`
}

/** Beside its corner. What would not fit there is drawn beyond the edge of the shape: above the upper half, below the lower one. */
function label(axis: Axis, at: number, count: number): string {
  const [side, down] = [Math.cos(angle(at, count)), Math.sin(angle(at, count))]
  const lines = inLines(axis.label)
  const half = Math.max(...lines.map(widthOf)) / 2
  const wished = x(at, count, 1.12) + (Math.abs(side) < 0.2 ? 0 : side > 0 ? half : -half)
  const place = Math.min(Math.max(wished, half), WIDTH - half)
  const lower = down > 0.2
  const moved = Math.abs(wished - place) * (lower ? 0.3 : 0.75)
  const more = (lines.length - 1) * LETTERS * 1.1
  const wanted = y(at, count, 1.12) + (lower ? moved + LETTERS * 0.9 : -moved - more)
  const first = Math.min(Math.max(wanted, LETTERS), HEIGHT - 4 - more)
  return lines.map((line, row) => `<text x="${round(place)}" y="${round(first + row * LETTERS * 1.1)}" text-anchor="middle">${escaped(line)}</text>`).join('')
}

const isWide = (letter: string) => letter > '\u2e7f'
/** About how wide words are drawn. */
export const widthOf = (words: string) => [...words].reduce((sum, letter) => sum + (isWide(letter) ? 1 : letter >= 'A' && letter <= 'Z' ? 0.7 : 0.54) * LETTERS, 0)

/** One line, or two of about the same length; what is longer still ends with dots. */
function inLines(words: string): string[] {
  if (widthOf(words) <= LONGEST) return [words]
  const gaps = [...words].flatMap((letter, place) => (letter === ' ' || (isWide(letter) && place > 0) ? [place] : []))
  const cut = gaps.sort((a, b) => Math.abs(a - words.length / 2) - Math.abs(b - words.length / 2))[0]
  const lines = cut === undefined ? [words] : [words.slice(0, cut), words.slice(cut).trim()]
  return lines.map(shortened)
}

function shortened(line: string): string {
  let kept = line
  while (widthOf(kept) > LONGEST) kept = kept.slice(0, -1)
  return kept === line ? line : `${kept.slice(0, -1)}…`
}

export function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
