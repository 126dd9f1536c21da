import { fullReference } from '../../images/reference.ts'
import { type ImageStatus, ImageUnavailable, type PullOptions } from '../../runtime.ts'
import { type CriClient, CriError } from './cri/client.ts'
import type { CriMessage } from './cri/messages.ts'
import type { Pulled } from './pulled.ts'

/** The images of containerd, which it shares out among all who use it. */
export class Images {
  readonly #cri: CriClient
  readonly #pulled: Pulled

  constructor(cri: CriClient, pulled: Pulled) {
    this.#cri = cri
    this.#pulled = pulled
  }

  async status(image: string): Promise<ImageStatus | undefined> {
    const name = fullReference(image)
    if (name === undefined) return undefined
    const { image: found } = await this.#cri.call('ImageStatus', { image: { image: name } })
    return found ? statusOf(found) : undefined
  }

  /** One login after the other; without any, as somebody unknown. Rejects with ImageUnavailable. */
  async pull(image: string, { logins = [], before }: PullOptions = {}): Promise<ImageStatus> {
    const name = fullReference(image)
    if (name === undefined) {
      const text = `couldn't parse image name "${image}": invalid reference format`
      throw new ImageUnavailable(text, 'InvalidImageName')
    }
    const known = before ? before.status : await this.status(name)
    const complaints: string[] = []
    for (const auth of logins.length > 0 ? logins : [undefined]) {
      try {
        await this.#cri.call('PullImage', { image: { image: name }, auth })
        const found = await this.status(name)
        if (found) {
          if (found.imageId !== known?.imageId) this.#pulled.add(found.imageId, name)
          return found
        }
        complaints.push(`image "${name}" is gone again`)
      } catch (error) {
        if (!(error instanceof CriError)) throw error
        complaints.push(error.message)
      }
    }
    throw new ImageUnavailable(messageOf(complaints))
  }
}

/** As a kubelet puts several refusals together. */
function messageOf(complaints: readonly string[]): string {
  const different = [...new Set(complaints)]
  return different.length === 1 ? `${different[0]}` : `[${different.join(', ')}]`
}

function statusOf({ id, size, uid, username }: CriMessage<'Image'>): ImageStatus {
  const user = uid?.value ?? (username || undefined)
  return { imageId: id ?? '', sizeBytes: size ?? 0, ...(user !== undefined && { user }) }
}
