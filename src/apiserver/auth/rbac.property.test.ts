import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PolicyRule, RoleBinding, Subject } from '../../api/generated/types.ts'
import { clusterRoles, roleBindings } from '../../api/scheme.ts'
import { givenServer } from '../server.fixture.ts'
import type { Access } from './access.ts'
import { clusterRole, group, roleBinding, user } from './given-access.fixture.ts'
import { missingRules } from './rule-cover.ts'
import { allows } from './rules.ts'

const words = (...list: string[]) => fc.subarray(list, { minLength: 1 })
const verb = ['get', 'list', 'escalate']
const groups = ['', 'apps']
const resources = ['pods', 'pods/log', 'deployments']
const names = ['a', 'b']
const paths = ['/a', '/a/b', '/ab']

const resourceRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: words(...verb, '*'),
  apiGroups: words(...groups, '*'),
  resources: words(...resources, '*', '*/log'),
  resourceNames: fc.subarray(names),
})
const pathRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: words(...verb, '*'),
  nonResourceURLs: words(...paths, '/a*', '/ab*', '*'),
})
const rules = fc.array(fc.oneof(resourceRule, pathRule), { maxLength: 4 })

const access: fc.Arbitrary<Access> = fc.oneof(
  fc.record({
    verb: fc.constantFrom(...verb, 'other'),
    group: fc.constantFrom(...groups, 'other'),
    resource: fc.constantFrom('pods', 'deployments', 'other'),
    subresource: fc.constantFrom('', 'log', 'other'),
    namespace: fc.constant('default'),
    name: fc.constantFrom('', ...names, 'other'),
  }),
  fc.record({ verb: fc.constantFrom(...verb), path: fc.constantFrom(...paths, '/abc', '/') }),
)

test('who may give rules away may himself do all that they allow', () => {
  fc.assert(
    fc.property(rules, rules, access, (held, wanted, asked) => {
      const given = wanted.filter((rule) => missingRules(held, [rule]).length === 0)
      const may = (rules: readonly PolicyRule[]) => rules.some((rule) => allows(rule, asked))
      expect(may(held) || !may(given)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('what is missing, and what is held, cover together what is wanted', () => {
  fc.assert(
    fc.property(rules, rules, (held, wanted) => {
      const missing = missingRules(held, wanted)
      expect(missingRules([...held, ...missing], wanted)).toEqual([])
      expect(missingRules(wanted, wanted)).toEqual([])
    }),
  )
})

const who = fc.constantFrom('ann', 'ben')
const subject: fc.Arbitrary<Subject> = fc.oneof(
  who.map(user),
  fc.constantFrom('red', 'blue').map(group),
  fc.constant<Subject>({ kind: 'ServiceAccount', name: 'bot' }),
)
const change = fc.record({
  name: fc.constantFrom('x', 'y'),
  /** None: the binding goes. */
  subjects: fc.option(fc.array(subject, { maxLength: 3 }), { nil: undefined }),
})
const caller = fc.record({
  user: fc.oneof(who, fc.constant('system:serviceaccount:default:bot')),
  groups: fc.subarray(['red', 'blue']),
})

const listPods = { verb: 'list', group: '', resource: 'pods', subresource: '', name: '' }

function indexNames(subjects: readonly Subject[] = []): readonly string[] {
  return subjects.map(({ kind, name }) =>
    kind === 'ServiceAccount' ? `User/system:serviceaccount:default:${name}` : `${kind}/${name}`,
  )
}

test('however bindings come, change and go, those count that are there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), caller, async (changes, identity) => {
      const { api, server, stop } = await givenServer()
      const pods = { verbs: ['list'], apiGroups: [''], resources: ['pods'] }
      await api.create(clusterRoles, {}, clusterRole('reader', [pods]))
      const present = new Map<string, RoleBinding>()
      for (const { name, subjects } of changes) {
        const key = { namespace: 'default', name }
        const binding = roleBinding(name, 'ClusterRole/reader', ...(subjects ?? []))
        const isThere = present.has(name)
        if (!subjects && isThere) await api.delete(roleBindings, key)
        if (subjects && isThere) await api.update(roleBindings, key, binding)
        if (subjects && !isThere) await api.create(roleBindings, key, binding)
        if (subjects) present.set(name, binding)
        else present.delete(name)
      }
      const mine = [`User/${identity.user}`, ...identity.groups.map((name) => `Group/${name}`)]
      const isBound = [...present.values()].some(({ subjects }) =>
        indexNames(subjects).some((name) => mine.includes(name)),
      )
      const asked = () => server.authorize(identity, { ...listPods, namespace: 'default' })
      if (isBound) expect(asked).not.toThrow()
      else expect(asked).toThrow('is forbidden')
      await stop()
    }),
  )
})
