import { expect, test } from 'vitest'
import type { PolicyRule } from '../../api/generated/types.ts'
import { describeRules, missingRules } from './rule-cover.ts'

/** `VERBS GROUPS RESOURCES [NAMES]`, lists with commas, `-` for the core group. */
function rule(text: string): PolicyRule {
  const [verbs = '', groups = '', resources = '', names] = text.split(' ')
  return {
    verbs: verbs.split(','),
    apiGroups: groups.split(',').map((group) => (group === '-' ? '' : group)),
    resources: resources.split(','),
    ...(names && { resourceNames: names.split(',') }),
  }
}

const path = (url: string): PolicyRule => ({ verbs: ['get'], nonResourceURLs: [url] })

interface Case {
  readonly what: string
  readonly held: readonly PolicyRule[]
  readonly wanted: PolicyRule
  /** In upstream's words; '' when all is held. */
  readonly missing: string
}

const cases: readonly Case[] = [
  { what: 'the same', held: [rule('get - pods')], wanted: rule('get - pods'), missing: '' },
  {
    what: 'several rules together',
    held: [rule('get - pods'), rule('list,watch - *')],
    wanted: rule('get,list,watch - pods'),
    missing: '',
  },
  { what: 'everything', held: [rule('* * *')], wanted: rule('get a,b c,d e'), missing: '' },
  {
    what: 'verbs that are missing are told together',
    held: [rule('get - pods')],
    wanted: rule('get,create,delete - pods'),
    missing: '{APIGroups:[""], Resources:["pods"], Verbs:["create" "delete"]}',
  },
  {
    what: 'nothing held',
    held: [],
    wanted: rule('get - secrets,pods'),
    missing:
      '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
  },
  {
    what: 'a name does not cover all',
    held: [rule('get - pods app')],
    wanted: rule('get - pods'),
    missing: '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
  },
  {
    what: 'all cover a name',
    held: [rule('get - pods')],
    wanted: rule('get - pods app'),
    missing: '',
  },
  {
    what: 'one name of two',
    held: [rule('get - pods app')],
    wanted: rule('get - pods app,db'),
    missing: '{APIGroups:[""], Resources:["pods"], ResourceNames:["db"], Verbs:["get"]}',
  },
  {
    what: 'a subresource',
    held: [rule('get - */log')],
    wanted: rule('get - pods/log'),
    missing: '',
  },
  {
    what: 'all verbs are more than many',
    held: [rule('get,list,create - pods')],
    wanted: rule('* - pods'),
    missing: '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}',
  },
  { what: 'a path', held: [path('/api/*')], wanted: path('/api/v1'), missing: '' },
  {
    what: 'resources do not cover paths',
    held: [rule('* * *')],
    wanted: path('/api'),
    missing: '{NonResourceURLs:["/api"], Verbs:["get"]}',
  },
]

test.each(cases)('what is held and what is given: $what', ({ held, wanted, missing }) => {
  expect(describeRules(missingRules(held, [wanted]))).toBe(missing)
})
