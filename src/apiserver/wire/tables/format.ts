import type { LabelSelector, PodTemplateSpec } from '../../../api/generated/types.ts'

/** `a,b,c`; with more than `max` elements `a,b,c + N more...`; `whenEmpty` for none (G-52). */
export function listWithMore(values: readonly string[], whenEmpty: string, max = 3): string {
  if (values.length === 0) return whenEmpty
  const shown = values.slice(0, max).join(',')
  return values.length > max ? `${shown} + ${values.length - max} more...` : shown
}

/** `a=1,b=2`, sorted by key; `<none>` for none. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort()
  return keys.length === 0 ? '<none>' : keys.map((key) => `${key}=${labels?.[key]}`).join(',')
}

/** A selector in the notation of `-l`: requirements sorted by key, values sorted. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const requirements: (readonly [key: string, text: string])[] = Object.entries(
    selector?.matchLabels ?? {},
  ).map(([key, value]) => [key, `${key}=${value}`])
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const list = `(${[...(values ?? [])].sort().join(',')})`
    const texts: Readonly<Record<string, string>> = {
      In: `${key} in ${list}`,
      NotIn: `${key} notin ${list}`,
      Exists: key,
      DoesNotExist: `!${key}`,
    }
    requirements.push([key, texts[operator] ?? key])
  }
  if (requirements.length === 0) return '<none>'
  requirements.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return requirements.map(([, text]) => text).join(',')
}

/** The cells for `templateColumns`. */
export function templateCells(template: PodTemplateSpec | undefined): [string, string] {
  const containers = template?.spec?.containers ?? []
  return [
    containers.map((container) => container.name).join(','),
    containers.map((container) => container.image ?? '').join(','),
  ]
}
