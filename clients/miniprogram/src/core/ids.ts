/** A random id of ours: letters and digits, unique enough for one person's takes and taps. */
export function newId(): string {
  const random = () => Math.floor(Math.random() * 36 ** 8).toString(36).padStart(8, '0')
  return `${Date.now().toString(36)}${random()}${random()}`
}
