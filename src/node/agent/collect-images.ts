import type { PulledImage } from '../runtime.ts'

/** As a kubelet by default: above this share of the disk images go … */
const highShare = 0.85
/** … until it is below this one … */
const lowShare = 0.8
/** … but none that came just now. */
const ageMsMin = 120_000

export interface NeededImages {
  /** By full reference. */
  readonly byReference: ReadonlyMap<string, unknown>
  /** `sha256:…` */
  readonly digests: ReadonlySet<string>
}

export interface ImageShelf {
  readonly images: readonly PulledImage[]
  readonly needed: NeededImages
  readonly disk: { readonly freeBytes: number; readonly bytes: number }
  /** When a container of the image was seen last (milliseconds since the epoch), by imageId. */
  readonly lastUsedMs: ReadonlyMap<string, number>
  readonly nowMs: number
}

export interface Collection {
  readonly remove: readonly PulledImage[]
  /** What was to be freed, and what `remove` frees; bytes. */
  readonly wantedBytes: number
  readonly foundBytes: number
}

const nothing: Collection = { remove: [], wantedBytes: 0, foundBytes: 0 }

export function isDiskFull({ freeBytes, bytes }: ImageShelf['disk']): boolean {
  return bytes - freeBytes >= bytes * highShare
}

/** Which images go, the longest unused first, so that the disk is not full any more; pure. */
export function planCollection(shelf: ImageShelf): Collection {
  const { images, disk, lastUsedMs } = shelf
  if (!isDiskFull(disk)) return nothing
  const wantedBytes = Math.ceil(disk.bytes * (1 - lowShare) - disk.freeBytes)
  const sinceMs = ({ imageId, pulledAtMs }: PulledImage) => lastUsedMs.get(imageId) ?? pulledAtMs
  const candidates = images
    .filter((image) => isDispensable(image, shelf))
    .toSorted((a, b) => sinceMs(a) - sinceMs(b) || a.pulledAtMs - b.pulledAtMs)
  const remove: PulledImage[] = []
  let foundBytes = 0
  for (const image of candidates) {
    if (foundBytes >= wantedBytes) break
    remove.push(image)
    foundBytes += image.sizeBytes
  }
  return { remove, wantedBytes, foundBytes }
}

function isDispensable(image: PulledImage, { needed, nowMs }: ImageShelf): boolean {
  const { imageId, references, isUsed, pulledAtMs } = image
  if (isUsed || needed.digests.has(imageId)) return false
  if (references.some((reference) => needed.byReference.has(reference))) return false
  return nowMs - pulledAtMs >= ageMsMin
}
