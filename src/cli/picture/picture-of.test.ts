import { describe, expect, test } from 'vitest'
import { pictureOf } from './picture-of.ts'
import {
  deploymentOf,
  firstPodStarts,
  lastPodLeaves,
  podOf,
  replicaSetOf,
} from './rollout.fixture.ts'

describe('rows', () => {
  test('a ReplicaSet has its pods, and keeps the requests of those that are gone', () => {
    const [old] = pictureOf(firstPodStarts()).replicaSets
    expect(old).toMatchObject({
      revision: '1',
      image: 'learnk8s/app:1.0.0',
      version: '1.0.0',
      isNew: false,
      desired: 3,
      ready: 3,
      requests: 900,
      failures: 2,
    })
    expect(old?.pods.map(({ name }) => name)).toEqual(['app-1.0.0-a', 'app-1.0.0-b', 'app-1.0.0-c'])
  })

  test('S-05: a pod that is not ready gets no traffic', () => {
    const [, next] = pictureOf(firstPodStarts()).replicaSets
    expect(next?.isNew).toBe(true)
    expect(next?.pods).toMatchObject([
      { name: 'app-1.1.0-d', isReady: false, inTraffic: false, status: 'Running', ageMs: 12_000 },
    ])
  })

  test('F-11: a pod that ends gets no traffic', () => {
    const [old] = pictureOf(lastPodLeaves()).replicaSets
    expect(old?.pods).toMatchObject([
      { isTerminating: true, inTraffic: false, status: 'Terminating' },
    ])
  })

  test('what other Deployments own is left out', () => {
    const input = firstPodStarts()
    const stranger = { ...replicaSetOf(9, '9.0.0', { desired: 1 }), metadata: { name: 'other' } }
    const picture = pictureOf({ ...input, replicaSets: [...input.replicaSets, stranger] })
    expect(picture.replicaSets.map(({ revision }) => revision)).toEqual(['1', '2'])
  })

  test('without Services and counters it says so', () => {
    const bare = pictureOf({ ...firstPodStarts(), endpointSlices: [], traffic: undefined })
    expect(bare).toMatchObject({ isServed: false, isCounted: false })
    expect(pictureOf(firstPodStarts())).toMatchObject({ isServed: true, isCounted: true })
  })
})

describe('the headline', () => {
  const starts = firstPodStarts()
  const scaled = (desired: number) => [
    replicaSetOf(1, '1.0.0', { desired: 3 }),
    replicaSetOf(2, '1.1.0', { desired }),
  ]
  const failing = {
    ...starts.deployment.status,
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
  }
  test.each([
    ['slide 2', { ...starts, pods: starts.pods.slice(0, 3) }, 'creating a pod of 1.1.0'],
    ['slide 3', starts, 'waiting for readiness of app-1.1.0-d (1.1.0)'],
    [
      'slide 4',
      { ...starts, pods: [podOf('1.1.0', 'd'), ...starts.pods.slice(0, 3)] },
      'the next step is being decided',
    ],
    [
      'slide 5',
      { ...starts, pods: [podOf('1.1.0', 'd'), podOf('1.0.0', 'a', { isTerminating: true })] },
      'removing app-1.0.0-a (1.0.0)',
    ],
    [
      'slide 7',
      { ...starts, replicaSets: scaled(2) },
      'creating a pod of 1.1.0, waiting for readiness of app-1.1.0-d (1.1.0)',
    ],
    [
      'slide 15',
      lastPodLeaves(),
      'complete: all 3 pods run 1.1.0 (revision 2), removing app-1.0.0-c (1.0.0)',
    ],
    [
      'slide 16',
      { ...lastPodLeaves(), pods: lastPodLeaves().pods.slice(1) },
      'complete: all 3 pods run 1.1.0 (revision 2)',
    ],
    [
      'an image that is not there',
      firstPodStarts({ waiting: 'ImagePullBackOff' }),
      'waiting for readiness of app-1.1.0-d (1.1.0, ImagePullBackOff)',
    ],
    [
      'paused',
      {
        ...starts,
        deployment: deploymentOf('1.1.0', { paused: true, status: starts.deployment.status }),
      },
      'paused, waiting for readiness of app-1.1.0-d (1.1.0)',
    ],
    [
      'B-55: past its deadline',
      { ...starts, deployment: deploymentOf('1.1.0', { status: failing }) },
      'stuck: waiting for readiness of app-1.1.0-d (1.1.0)',
    ],
    [
      'G-30: not observed',
      { ...starts, deployment: deploymentOf('1.1.0', { status: { observedGeneration: 1 } }) },
      'the controller has yet to see the change',
    ],
    [
      'nothing wanted',
      { ...starts, deployment: deploymentOf('1.1.0', { replicas: 0 }), pods: [] },
      'complete: no pod is wanted',
    ],
  ])('%s', (_, input, headline) => {
    expect(pictureOf(input).headline).toBe(headline)
  })

  test('G-33, G-36: the report of rollout status goes with it', () => {
    expect(pictureOf(starts).report.message).toBe(
      'Waiting for deployment "app" rollout to finish: 1 out of 3 new replicas have been updated...',
    )
    expect(pictureOf(lastPodLeaves()).report.outcome).toBe('done')
  })
})
