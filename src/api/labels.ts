import { assert } from '../base/assert.ts'
import { oncePerFrozen } from '../base/memo.ts'
import type { LabelSelector } from './generated/types.ts'
import {
  compareText,
  conditionOf,
  type LabelOperator,
  type LabelRequirement,
  type Labels,
  requirementText,
} from './label-requirement.ts'
import { parseRequirements } from './label-selector-parser.ts'

export type { Labels }

/** A label selector made ready: compile once, match often. */
export interface LabelMatcher {
  /** Canonical text, `name=app,tier in (a,b)`; '' selects everything. */
  readonly text: string
  /** Selects everything. */
  readonly isEmpty: boolean
  matches(labels: Labels | undefined): boolean
}

const noLabels: Labels = Object.freeze({})

export const everything: LabelMatcher = { text: '', isEmpty: true, matches: () => true }
export const nothing: LabelMatcher = { text: '', isEmpty: false, matches: () => false }

/**
 * A matcher for an object's `spec.selector`: absent selects nothing, `{}` everything. The selector
 * must be valid, as those of stored objects are.
 */
export function compileLabelSelector(selector: LabelSelector | undefined): LabelMatcher {
  return selector === undefined ? nothing : matcherOfSelector(selector)
}

const matcherOfSelector = oncePerFrozen(({ matchLabels, matchExpressions }: LabelSelector) => {
  const exact = requirementsOfMap(matchLabels)
  const expressions = (matchExpressions ?? []).map((expression) => ({
    key: expression.key,
    operator: operatorOfExpression(expression.operator),
    values: expression.values ?? [],
  }))
  return matcherOf([...exact, ...expressions])
})

/**
 * A matcher for a Service's selector, a map of exact values; an absent or empty one selects nothing
 * there.
 */
export function compileLabelMap(labels: Labels | undefined): LabelMatcher {
  const requirements = requirementsOfMap(labels)
  return requirements.length === 0 ? nothing : matcherOf(requirements)
}

/** Parses a selector's text (H-11). Throws 400 with upstream's text. */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcherOf(parseRequirements(text))
}

/** For a single match; compile the selector where there are several. */
export function matchesLabels(
  selector: LabelSelector | undefined,
  labels: Labels | undefined,
): boolean {
  return compileLabelSelector(selector).matches(labels)
}

function requirementsOfMap(labels: Labels | undefined): readonly LabelRequirement[] {
  return Object.entries(labels ?? noLabels).map(([key, value]) => ({
    key,
    operator: '=' as const,
    values: [value],
  }))
}

const expressionOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
])

function operatorOfExpression(name: string): LabelOperator {
  const operator = expressionOperators.get(name)
  assert(operator, `${JSON.stringify(name)} is not a label selector operator`)
  return operator
}

function matcherOf(unsorted: readonly LabelRequirement[]): LabelMatcher {
  if (unsorted.length === 0) return everything
  const requirements = [...unsorted].sort((a, b) => compareText(a.key, b.key))
  const conditions = requirements.map(conditionOf)
  const text = requirements.map(requirementText).join(',')
  return {
    text,
    isEmpty: false,
    matches(labels = noLabels) {
      for (const condition of conditions) if (!condition(labels)) return false
      return true
    },
  }
}
