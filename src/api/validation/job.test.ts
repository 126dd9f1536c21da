import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { jobs } from '../scheme.ts'
import { container, createErrors, updateErrors } from './errors-of.fixture.ts'

const labels = { 'batch.kubernetes.io/controller-uid': 'u' }

/** A good Job as the registry prepares it, with some of its spec replaced. */
function job(changes: JsonObject = {}, podSpec: JsonObject = {}): JsonObject {
  const spec = { restartPolicy: 'Never', containers: [container], ...podSpec }
  return {
    metadata: { uid: 'u' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
      ...changes,
    },
  }
}

const rule = (changes: JsonObject): JsonObject => ({
  podFailurePolicy: { rules: [{ action: 'FailJob', ...changes }] },
})
const onExit = (changes: JsonObject) => ({
  onExitCodes: { operator: 'In', values: [1], ...changes },
})
const indexed = (successPolicy: JsonObject) =>
  job({ completionMode: 'Indexed', completions: 5, parallelism: 1, successPolicy })
const ruleAt = 'spec.podFailurePolicy.rules[0]'

describe('what a Job may say', () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ['a good one', job(), []],
    [
      'a negative count',
      job({ backoffLimit: -1 }),
      ['spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'no restart policy',
      job({}, { restartPolicy: undefined as never }),
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      'Indexed without completions',
      job({ completionMode: 'Indexed', parallelism: 1 }),
      ['spec.completions: Required value: when completion mode is Indexed'],
    ],
    [
      'per index without indexes',
      job({ backoffLimitPerIndex: 1 }),
      ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
    ],
    [
      'failed indexes without limit',
      job({ maxFailedIndexes: 1 }),
      ['spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
    ],
    [
      'a failure policy with OnFailure',
      job(rule(onExit({})), { restartPolicy: 'OnFailure' }),
      [
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    ],
    [
      'a rule of nothing',
      job(rule({})),
      [
        `${ruleAt}: Invalid value: {}: specifying one of OnExitCodes and OnPodConditions is required`,
      ],
    ],
    [
      'exit code 0',
      job(rule(onExit({ values: [0] }))),
      [`${ruleAt}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`],
    ],
    [
      'exit codes out of order',
      job(rule(onExit({ values: [2, 1] }))),
      [`${ruleAt}.onExitCodes.values: Invalid value: [2,1]: must be ordered`],
    ],
    [
      'an unknown container',
      job(rule(onExit({ containerName: 'z' }))),
      [
        `${ruleAt}.onExitCodes.containerName: Invalid value: "z": must be one of the container or initContainer names in the pod template`,
      ],
    ],
    [
      'FailIndex without limit',
      job(rule({ ...onExit({}), action: 'FailIndex' })),
      [`${ruleAt}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
    ],
    [
      'a success policy without indexes',
      job({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
      [
        'spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode',
      ],
    ],
    [
      'success by no rule, and by one of nothing',
      indexed({ rules: [{}] }),
      [
        'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      ],
    ],
    [
      'success by indexes that are not there, or out of order',
      indexed({ rules: [{ succeededIndexes: '0,5' }, { succeededIndexes: '2-1' }] }),
      [
        'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0,5": error parsing succeededIndexes: too large index: "5"',
        'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "2-1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
      ],
    ],
    [
      'success by more indexes than are named',
      indexed({ rules: [{ succeededIndexes: '0,2', succeededCount: 3 }] }),
      [
        'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
      ],
    ],
    [
      'a selector by hand',
      job({ selector: { matchLabels: { a: 'b' } } }),
      [
        'spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` not auto-generated',
        'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"u"}: `selector` does not match template `labels`',
      ],
    ],
  ])('%s', (_, manifest, errors) => {
    expect(createErrors(jobs, manifest)).toEqual(errors)
  })
})

describe('what may change', () => {
  const immutable = (field: string) => expect.stringMatching(`^${field}: .*field is immutable$`)

  test.each<[string, JsonObject, JsonObject, readonly unknown[]]>([
    ['parallelism', job({ completions: 1 }), job({ completions: 1, parallelism: 3 }), []],
    ['completions', job(), job({ completions: 3 }), [immutable('spec.completions')]],
    ['the template', job(), job({}, { hostname: 'h' }), [immutable('spec.template')]],
    [
      'where pods of a suspended Job go',
      job({ suspend: true }),
      job({ suspend: true }, { nodeSelector: { a: 'b' } }),
      [],
    ],
    [
      'completions of an elastic one',
      job({ completionMode: 'Indexed', completions: 2, parallelism: 2 }),
      job({ completionMode: 'Indexed', completions: 3, parallelism: 3 }),
      [],
    ],
  ])('%s', (_, previous, next, errors) => {
    expect(updateErrors(jobs, next, previous)).toEqual(errors)
  })
})
