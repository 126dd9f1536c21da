import { describe, expect, test } from 'vitest'
import { givenRelease, givenTemplate } from '../given-release.fixture.ts'
import { type GuardFacts, type GuardOptions, neededObjects, refusals } from './guards.ts'

const target = { label: 'r1', template: givenTemplate('app:latest'), configMaps: [] }
const [one, two] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`]
const clear: GuardFacts = {
  target,
  imageIds: {},
  images: new Map(),
  releases: [],
  shared: [],
  missing: [],
  owner: undefined,
  isPaused: false,
  workloadKind: 'Deployment',
  fixed: [],
}
const none: GuardOptions = { shared: false, resume: false, clusterFirst: false, pushes: true }
const argo = { tool: 'Argo CD', name: 'web', isSuspended: false } as const

describe('what refuses a rollback', () => {
  test.each<[string, Partial<GuardFacts>, Partial<GuardOptions>, string[]]>([
    ['nothing', {}, {}, []],
    ['an image that is gone', { images: new Map([['app:latest', 'gone']]) }, {}, ['image']],
    [
      'a tag that moved',
      { imageIds: { app: one }, images: new Map([['app:latest', { id: two }]]) },
      {},
      ['image'],
    ],
    [
      'a tag that stayed',
      {
        imageIds: { app: `docker-pullable://app@${one}` },
        images: new Map([['app:latest', { id: one }]]),
      },
      {},
      [],
    ],
    [
      'a tag that a later release got another image for',
      {
        imageIds: { app: one },
        releases: [givenRelease(2, { template: target.template, imageIds: { app: two } })],
      },
      {},
      ['image'],
    ],
    [
      'configuration of others',
      { shared: [{ name: 'c', readers: ['deployment/web'] }] },
      {},
      ['shared-configuration'],
    ],
    [
      '… that may change',
      { shared: [{ name: 'c', readers: ['deployment/web'] }] },
      { shared: true },
      [],
    ],
    ['something missing', { missing: ['secret/s'] }, {}, ['missing-reference']],
    ['a pause', { isPaused: true }, {}, ['paused']],
    ['… that ends', { isPaused: true }, { resume: true }, []],
    ['an owner who sees no commit', { owner: argo }, { pushes: false }, ['owner']],
    ['an owner who sees the commit', { owner: argo }, {}, []],
    ['an owner behind whose back', { owner: argo }, { clusterFirst: true }, ['owner']],
    [
      'an owner who is suspended',
      { owner: { ...argo, isSuspended: true } },
      { clusterFirst: true },
      [],
    ],
    ['Helm', { owner: { ...argo, tool: 'Helm' } }, {}, ['owner']],
  ])('%s', (_, facts, options, expected) => {
    const found = refusals({ ...clear, ...facts }, { ...none, ...options })
    expect(found.map(({ guard }) => guard)).toEqual(expected)
  })
})

test('what must be there: not what is optional, nor what is restored', () => {
  const template = givenTemplate('app:1', {
    serviceAccountName: 'robot',
    containers: [
      {
        name: 'app',
        image: 'app:1',
        envFrom: [
          { configMapRef: { name: 'restored' } },
          { configMapRef: { name: 'needed' } },
          { secretRef: { name: 'perhaps', optional: true } },
        ],
        env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'password', key: 'p' } } }],
      },
    ],
    volumes: [
      { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'p', projected: { sources: [{ secret: { name: 'projected' } }] } },
    ],
  })
  const configMaps = [{ name: 'restored', digest: 'x' }]
  expect(neededObjects({ label: 'r1', template, configMaps })).toEqual([
    'configmap/needed',
    'secret/password',
    'secret/projected',
    'persistentvolumeclaim/data',
    'serviceaccount/robot',
  ])
})
