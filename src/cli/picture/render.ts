import pc from 'picocolors'
import { humanDuration } from '../../apiserver/wire/tables/age.ts'
import { alignRows, type Column, clip, type Line, type Segment, type Style } from './layout.ts'
import type { Picture, PodRow, ReplicaSetRow } from './picture.ts'
import { isTrouble } from './pod-trouble.ts'

export interface RenderOptions {
  readonly columns: number
  /** Whether the terminal shows more than ASCII. */
  readonly isUnicode: boolean
  readonly hasColor: boolean
}

const signs = {
  unicode: { ready: '●', unready: '○', leaving: '✕', branch: '├', last: '└', dot: '·' },
  ascii: { ready: '*', unready: 'o', leaving: 'x', branch: '|', last: '`', dot: '-' },
} as const
type Signs = (typeof signs)['unicode' | 'ascii']

/** Earlier ReplicaSets without pods are many at last; so many of them get a line each. */
const idleMax = 3

/** The picture as lines of at most `columns` visible characters. */
export function renderPicture(picture: Picture, options: RenderOptions): readonly string[] {
  const sign = options.isUnicode ? signs.unicode : signs.ascii
  const lines = [...header(picture, sign), ...body(picture, { sign, columns: options.columns })]
  return lines.map((line) => paint(clip(line, options.columns), options.hasColor))
}

function paint(line: Line, hasColor: boolean): string {
  const colors = pc.createColors(hasColor)
  const painters: Readonly<Record<Style, (text: string) => string>> = {
    good: colors.green,
    bad: colors.red,
    busy: colors.yellow,
    dim: colors.dim,
    strong: colors.bold,
  }
  return line.map(({ text, style }) => (style ? painters[style](text) : text)).join('')
}

const headlineStyles: Readonly<Record<Picture['report']['outcome'], Style>> = {
  done: 'good',
  waiting: 'busy',
  failed: 'bad',
}

function header(picture: Picture, { dot }: Signs): readonly Line[] {
  const pods = picture.replicaSets.flatMap((replicaSet) => replicaSet.pods)
  const facts = [
    `${picture.desired} wanted`,
    `${pods.length} there`,
    `${pods.filter(({ isReady }) => isReady).length} ready`,
    ...(picture.isServed ? [`${pods.filter(({ inTraffic }) => inTraffic).length} in traffic`] : []),
  ]
  return [
    [
      { text: `deployment/${picture.name}`, style: 'strong' },
      { text: `  ${facts.join(` ${dot} `)}` },
    ],
    [{ text: picture.headline, style: headlineStyles[picture.report.outcome] }],
    [{ text: picture.report.message, style: 'dim' }],
  ]
}

interface Canvas {
  readonly sign: Signs
  readonly columns: number
}

function body(picture: Picture, canvas: Canvas): readonly Line[] {
  const idle = picture.replicaSets.filter(isIdle)
  const hidden = new Set(idle.slice(0, Math.max(0, idle.length - idleMax)))
  const shown = picture.replicaSets.filter((replicaSet) => !hidden.has(replicaSet))
  const headings = alignRows(shown, replicaSetColumns(picture), canvas.columns)
  const podLines = [...alignPods(shown, picture, canvas)]
  const sections = shown.flatMap(({ pods }, index) => [
    headings[index] ?? [],
    ...podLines.splice(0, pods.length),
  ])
  return hidden.size === 0 ? sections : [[earlier(hidden.size)], ...sections]
}

function isIdle({ desired, pods, isNew }: ReplicaSetRow): boolean {
  return desired === 0 && pods.length === 0 && !isNew
}

function earlier(count: number) {
  return { text: `${count} earlier revision${count === 1 ? '' : 's'} at 0`, style: 'dim' } as const
}

function replicaSetColumns({ isCounted }: Picture): readonly Column<ReplicaSetRow>[] {
  const cell =
    (text: (row: ReplicaSetRow) => string) =>
    (row: ReplicaSetRow): Segment => ({ text: text(row), style: isIdle(row) ? 'dim' : undefined })
  const counts: readonly Column<ReplicaSetRow>[] = [
    { cell: cell((row) => `${row.requests} requests`), isRight: true, dispensable: 0 },
    { cell: (row) => failed(row, ' failed'), isRight: true, dispensable: 0 },
  ]
  return [
    { cell: cell((row) => `revision ${row.revision}`), dispensable: 0 },
    { cell: cell((row) => row.image), dispensable: 1 },
    { cell: cell((row) => `${row.desired} wanted`), dispensable: 0 },
    { cell: cell((row) => `${row.ready} ready`), dispensable: 0 },
    ...(isCounted ? counts : []),
  ]
}

function failed(row: { readonly requests: number; readonly failures: number }, unit: string) {
  const style = row.failures > 0 ? 'bad' : 'dim'
  return { text: `${row.failures}${unit}`, style } as const
}

interface PlacedPod extends PodRow {
  readonly isLast: boolean
}

/** One grid for the pods of all ReplicaSets, in their order. */
function alignPods(
  replicaSets: readonly ReplicaSetRow[],
  picture: Picture,
  { sign, columns }: Canvas,
): readonly Line[] {
  const placed = replicaSets.flatMap(({ pods }) =>
    pods.map((pod, index) => ({ ...pod, isLast: index === pods.length - 1 })),
  )
  return alignRows(placed, podColumns(picture, sign), columns)
}

function podColumns({ isServed, isCounted }: Picture, sign: Signs): readonly Column<PlacedPod>[] {
  const traffic: readonly Column<PlacedPod>[] = [{ cell: inTraffic, dispensable: 0 }]
  const counts: readonly Column<PlacedPod>[] = [
    { cell: ({ requests }) => ({ text: `${requests} requests` }), isRight: true, dispensable: 3 },
    { cell: (pod) => failed(pod, ' failed'), isRight: true, dispensable: 2 },
  ]
  return [
    {
      cell: ({ isLast }) => ({ text: isLast ? sign.last : sign.branch, style: 'dim' }),
      dispensable: 5,
    },
    { cell: (pod) => mark(pod, sign), dispensable: 0 },
    { cell: ({ name }) => ({ text: name }), dispensable: 0 },
    { cell: ({ version }) => ({ text: version }), dispensable: 1 },
    { cell: status, dispensable: 4 },
    { cell: readiness, dispensable: 0 },
    ...(isServed ? traffic : []),
    {
      cell: ({ ageMs }) => ({ text: humanDuration(ageMs), style: 'dim' }),
      isRight: true,
      dispensable: 6,
    },
    ...(isCounted ? counts : []),
  ]
}

function mark({ isTerminating, isReady }: PodRow, sign: Signs) {
  if (isTerminating) return { text: sign.leaving, style: 'dim' } as const
  return isReady
    ? ({ text: sign.ready, style: 'good' } as const)
    : ({ text: sign.unready, style: 'busy' } as const)
}

function status(pod: PodRow): Segment {
  return { text: pod.status, style: isTrouble(pod.status) ? 'bad' : undefined }
}

function readiness({ isReady }: PodRow) {
  return isReady ? { text: 'ready' } : ({ text: 'not ready', style: 'busy' } as const)
}

function inTraffic({ inTraffic }: PodRow) {
  return inTraffic
    ? ({ text: 'in traffic', style: 'good' } as const)
    : ({ text: 'no traffic', style: 'dim' } as const)
}
