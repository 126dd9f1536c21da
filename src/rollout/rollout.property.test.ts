import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { givenDeployment, template } from '../../test/rollout/given.ts'
import { RolloutModel } from '../../test/rollout/rollout-model.ts'
import { revisionOf } from './revisions.ts'
import { rolloutLimits } from './rollout-limits.ts'
import { specReplicas, sum } from './sizes.ts'

const amount = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
)

const deployments = fc
  .record({ replicas: fc.integer({ min: 0, max: 12 }), maxSurge: amount, maxUnavailable: amount })
  .map(({ replicas, ...rollingUpdate }) =>
    givenDeployment({
      image: 'app:1',
      replicas,
      strategy: { type: 'RollingUpdate', rollingUpdate },
    }),
  )

/** What may happen between two passes; `which` chooses a ReplicaSet. */
const happening = fc.record({
  type: fc.constantFrom(
    ...(['sync', 'sync', 'sync', 'follow', 'follow', 'report', 'report', 'available'] as const),
    ...(['available', 'available', 'lost', 'image'] as const),
  ),
  which: fc.nat(),
})

const runs = fc.tuple(deployments, fc.array(happening, { maxLength: 120, size: 'max' }))

function names(model: RolloutModel): readonly string[] {
  return [...model.replicaSets.keys()].sort()
}

function totals(model: RolloutModel) {
  const replicaSets = [...model.replicaSets.values()]
  return {
    wanted: sum(replicaSets, specReplicas),
    available: [...model.pods.values()].reduce((total, pods) => total + pods.available, 0),
    ...rolloutLimits(model.deployment),
  }
}

function act(model: RolloutModel, { type, which }: { type: string; which: number }) {
  const all = names(model)
  const name = all[which % all.length] ?? ''
  if (type === 'sync') model.sync()
  else if (type === 'image') model.setImage(`app:${1 + (which % 3)}`)
  else if (type === 'follow') model.followSize(name)
  else if (type === 'report') model.report(name)
  else model.changeAvailable(name, type === 'lost' ? -1 : 1)
}

describe('over random Deployments, and random passes, delays and losses between them', () => {
  test('B-38: Σ spec.replicas never passes replicas + surge', () => {
    fc.assert(
      fc.property(runs, ([deployment, happenings]) => {
        const model = new RolloutModel(deployment)
        model.settle()
        for (const each of happenings) {
          act(model, each)
          const { wanted, maxTotal } = totals(model)
          expect(wanted).toBeLessThanOrEqual(maxTotal)
        }
      }),
    )
  })

  test('B-38: a rollout alone never takes the available pods below replicas - maxUnavailable', () => {
    fc.assert(
      fc.property(runs, ([deployment, happenings]) => {
        const model = new RolloutModel(deployment)
        model.settle()
        for (const each of happenings) {
          const before = totals(model)
          if (each.type === 'lost') continue
          act(model, each)
          const { available, minAvailable } = totals(model)
          if (available < before.available) expect(available).toBeGreaterThanOrEqual(minAvailable)
        }
      }),
    )
  })

  test('B-87: every rollout ends, with all pods on the wanted template', () => {
    fc.assert(
      fc.property(runs, ([deployment, happenings]) => {
        const model = new RolloutModel(deployment)
        model.settle()
        for (const each of happenings) act(model, each)
        model.settle()
        const { replicas } = totals(model)
        const image = model.deployment.spec?.template.spec?.containers[0]?.image ?? ''
        expect(specReplicas(model.byImage(image))).toBe(replicas)
        expect(model.deployment.status).toMatchObject(
          replicas === 0
            ? {}
            : { replicas, updatedReplicas: replicas, availableReplicas: replicas },
        )
        expect(totals(model).wanted).toBe(replicas)
      }),
    )
  })
})

describe('revisions', () => {
  const images = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 })

  test('B-21: strictly grow with every change of template, and no two are equal', () => {
    fc.assert(
      fc.property(images, (sequence) => {
        const model = new RolloutModel(givenDeployment({ image: `app:${sequence[0]}` }))
        model.settle()
        let last = revisionOf(model.deployment) ?? 0n
        for (const [i, image] of sequence.entries()) {
          const isSame = i === 0 || image === sequence[i - 1]
          model.setImage(`app:${image}`)
          model.settle()
          const revision = revisionOf(model.deployment) ?? 0n
          expect(revision).toBe(isSame ? last : last + 1n)
          expect(model.revisions().at(-1)).toBe(revision)
          expect(new Set(model.revisions()).size).toBe(model.replicaSets.size)
          last = revision
        }
      }),
      { numRuns: 30 },
    )
  })

  test('B-24: going back leaves a gap where the reused one was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(), (count, which) => {
        const target = 1 + (which % (count - 1))
        const model = new RolloutModel(givenDeployment({ image: 'app:1' }))
        const order = [...Array.from({ length: count }, (_, i) => i + 1), target]
        for (const image of order) {
          model.edit({ template: template(`app:${image}`) })
          model.settle()
        }
        const expected = order.map(BigInt).filter((revision) => revision !== BigInt(target))
        expect(model.revisions()).toEqual([...expected, BigInt(count + 1)])
      }),
      { numRuns: 30 },
    )
  })
})
