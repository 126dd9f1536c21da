import { referencesOf } from '../record/configuration.ts'
import type { Release } from '../record/release.ts'
import type { Refusal } from '../release-error.ts'
import type { TargetState } from './journal.ts'

/** Who applies an object, so that a change behind his back would not last. */
export interface Owner {
  readonly tool: 'Argo CD' | 'Flux' | 'Helm'
  readonly name: string
  readonly isSuspended: boolean
}

/** A ConfigMap whose content would change, and who else reads it. */
export interface SharedConfiguration {
  readonly name: string
  /** `deployment/web`, `pod/x`. */
  readonly readers: readonly string[]
}

/**
 * `gone`: it cannot be pulled any more; an id: what the name means now; undefined: nobody can tell.
 */
export type ImageAnswer = 'gone' | { readonly id: string } | undefined

export interface GuardFacts {
  readonly target: TargetState
  /** As the target ran them, by container. */
  readonly imageIds: { readonly [container: string]: string }
  /** What the target's image names mean now, by image. */
  readonly images: ReadonlyMap<string, ImageAnswer>
  readonly releases: readonly Release[]
  readonly shared: readonly SharedConfiguration[]
  /** `secret/x`, `serviceaccount/x`, `persistentvolumeclaim/x`, `configmap/x`. */
  readonly missing: readonly string[]
  readonly owner: Owner | undefined
  readonly isPaused: boolean
  /** `Deployment`. */
  readonly workloadKind: string
  /** Fields that the target gives another value, and that the server lets nobody change. */
  readonly fixed: readonly string[]
}

export interface GuardOptions {
  /** Go on though others read the configuration. */
  readonly shared: boolean
  /** Resume a paused Deployment. */
  readonly resume: boolean
  readonly clusterFirst: boolean
  /** Whether there is a commit that the owner will see. */
  readonly pushes: boolean
}

/** Every reason not to begin. */
export function refusals(facts: GuardFacts, options: GuardOptions): readonly Refusal[] {
  return [
    ...imageRefusals(facts),
    ...(options.shared ? [] : facts.shared.map(sharedRefusal)),
    ...missingRefusals(facts),
    ...ownerRefusals(facts, options),
    ...(facts.isPaused && !options.resume ? [pausedRefusal] : []),
    ...facts.fixed.map((field) => fixedRefusal(facts, field)),
  ]
}

const pausedRefusal: Refusal = {
  guard: 'paused',
  message: 'the Deployment is paused: nothing would roll out',
  hint: '--resume resumes it in the same write',
}

function fixedRefusal({ target, workloadKind }: GuardFacts, field: string): Refusal {
  return {
    guard: 'fixed-field',
    message: `${target.label} has another spec.${field}, which cannot change in a ${workloadKind} that exists`,
    hint: 'delete it with --cascade=orphan and apply what Git had, or go back to where it is the same',
  }
}

/**
 * The digest in an image id: `docker-pullable://r@sha256:…` and `sha256:…` may name the same one.
 */
function digestOf(id: string): string {
  return /sha256:[0-9a-f]{64}/.exec(id)?.[0] ?? id
}

function imageRefusals({ target, imageIds, images, releases }: GuardFacts): readonly Refusal[] {
  return (target.template.spec?.containers ?? []).flatMap(({ name, image = '' }) => {
    const answer = images.get(image)
    const message = `the image ${image} is gone`
    if (answer === 'gone') return [{ guard: 'image' as const, message }]
    const ran = imageIds[name]
    if (ran === undefined || image.includes('@sha256:')) return []
    const now = answer?.id ?? latestIdOf(releases, name, image)
    if (now === undefined || digestOf(now) === digestOf(ran)) return []
    const moved = `${image} does not mean what it meant in ${target.label}: it was ${digestOf(ran)} and is ${digestOf(now)}`
    const hint = 'deploy by digest, or move the tag back'
    return [{ guard: 'image' as const, message: moved, hint }]
  })
}

/** What the last release that used the same name got for it. */
function latestIdOf(releases: readonly Release[], name: string, image: string): string | undefined {
  const uses = [...releases].reverse().filter(({ template, imageIds }) => {
    const container = template.spec?.containers.find((each) => each.name === name)
    return container?.image === image && imageIds[name] !== undefined
  })
  return uses[0]?.imageIds[name]
}

function sharedRefusal({ name, readers }: SharedConfiguration): Refusal {
  return {
    guard: 'shared-configuration',
    message: `the ConfigMap ${name} would change, and others read it too: ${readers.join(', ')}`,
    hint: '--shared changes it for them as well',
  }
}

function missingRefusals({ missing, target }: GuardFacts): readonly Refusal[] {
  return missing.map((what) => ({
    guard: 'missing-reference',
    message: `${target.label} needs ${what}, which is not there`,
  }))
}

function ownerRefusals(
  { owner, workloadKind }: GuardFacts,
  options: GuardOptions,
): readonly Refusal[] {
  if (!owner || owner.isSuspended) return []
  const { tool, name } = owner
  if (options.clusterFirst) {
    const message = `${tool} (${name}) owns the ${workloadKind} and would undo what is done behind its back`
    return [
      { guard: 'owner', message, hint: `suspend it there first, or leave --cluster-first out` },
    ]
  }
  if (tool !== 'Helm' && options.pushes) return []
  const message = `${tool} (${name}) owns the ${workloadKind}`
  const hint =
    tool === 'Helm' ? '`helm rollback` moves a Helm release' : '--push lets it see the commit'
  return [{ guard: 'owner', message, hint }]
}

/** What the target must find, and what it need not: as `secret/x`. */
export function neededObjects(target: TargetState): readonly string[] {
  const { secrets, claims, serviceAccount, configMaps, optional } = referencesOf(target.template)
  const restored = new Set(target.configMaps.map(({ name }) => name))
  return [
    ...configMaps.filter((name) => !restored.has(name)).map((name) => `configmap/${name}`),
    ...secrets.map((name) => `secret/${name}`),
    ...claims.map((name) => `persistentvolumeclaim/${name}`),
    ...(serviceAccount ? [`serviceaccount/${serviceAccount}`] : []),
  ].filter((key) => !optional.has(key))
}
