import type { MetricSpec, MetricStatus } from '../generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { presentMembers } from '../present-members.ts'

/**
 * The metrics of `autoscaling/v1`, which has them in annotations only: flat, with the kind of a
 * target told by which of its amounts is there.
 */

type Value = JsonValue | undefined

const membersOf = (value: Value): JsonObject => (isJsonObject(value) ? value : {})

/** Amounts that v1 does not hold by pointer: zero where there is none. */
const amount = (value: Value): JsonValue => value ?? '0'

type Convert = (source: JsonObject) => JsonObject

/** Each source of a metric by the function for it; the type, and what is there. */
function converted(metric: JsonObject, by: Readonly<Record<string, Convert>>): JsonObject {
  const sources = Object.entries(by).map(([name, convert]): [string, Value] => {
    const source = metric[name]
    return [name, isJsonObject(source) ? convert(source) : undefined]
  })
  return presentMembers({ type: metric.type, ...Object.fromEntries(sources) })
}

function usageTarget({ name, container, target }: JsonObject): JsonObject {
  const { averageUtilization, averageValue } = membersOf(target)
  return presentMembers({
    name,
    targetAverageUtilization: averageUtilization,
    targetAverageValue: averageValue,
    container,
  })
}

const specsToV1: Readonly<Record<string, Convert>> = {
  object({ describedObject, metric, target }) {
    const { name, selector } = membersOf(metric)
    const { value, averageValue } = membersOf(target)
    const targetValue = amount(value)
    return presentMembers({
      target: describedObject,
      metricName: name,
      targetValue,
      selector,
      averageValue,
    })
  },
  pods({ metric, target }) {
    const { name, selector } = membersOf(metric)
    const targetAverageValue = amount(membersOf(target).averageValue)
    return presentMembers({ metricName: name, targetAverageValue, selector })
  },
  resource: usageTarget,
  containerResource: usageTarget,
  external({ metric, target }) {
    const { name, selector } = membersOf(metric)
    const { value, averageValue } = membersOf(target)
    return presentMembers({
      metricName: name,
      metricSelector: selector,
      targetValue: value,
      targetAverageValue: averageValue,
    })
  },
}

function usageOfV1(source: JsonObject): JsonObject {
  const { name, container, targetAverageUtilization, targetAverageValue } = source
  const target = presentMembers({
    type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageUtilization: targetAverageUtilization,
    averageValue: targetAverageValue,
  })
  return presentMembers({ name, container, target })
}

const specsOfV1: Readonly<Record<string, Convert>> = {
  object({ target, metricName, targetValue, selector, averageValue }) {
    const type = averageValue === undefined ? 'Value' : 'AverageValue'
    return presentMembers({
      describedObject: target,
      metric: presentMembers({ name: metricName, selector }),
      target: presentMembers({ type, value: amount(targetValue), averageValue }),
    })
  },
  pods({ metricName, targetAverageValue, selector }) {
    return {
      metric: presentMembers({ name: metricName, selector }),
      target: { type: 'AverageValue', averageValue: amount(targetAverageValue) },
    }
  },
  resource: usageOfV1,
  containerResource: usageOfV1,
  external({ metricName, metricSelector, targetValue, targetAverageValue }) {
    const type = targetValue === undefined ? 'AverageValue' : 'Value'
    return {
      metric: presentMembers({ name: metricName, selector: metricSelector }),
      target: presentMembers({ type, value: targetValue, averageValue: targetAverageValue }),
    }
  },
}

function usageStatus({ name, container, current }: JsonObject): JsonObject {
  const { averageUtilization, averageValue } = membersOf(current)
  return presentMembers({
    name,
    currentAverageUtilization: averageUtilization,
    currentAverageValue: amount(averageValue),
    container,
  })
}

const statusesToV1: Readonly<Record<string, Convert>> = {
  object({ describedObject, metric, current }) {
    const { name, selector } = membersOf(metric)
    const { value, averageValue } = membersOf(current)
    const currentValue = amount(value)
    return presentMembers({
      target: describedObject,
      metricName: name,
      currentValue,
      selector,
      averageValue,
    })
  },
  pods({ metric, current }) {
    const { name, selector } = membersOf(metric)
    const currentAverageValue = amount(membersOf(current).averageValue)
    return presentMembers({ metricName: name, currentAverageValue, selector })
  },
  resource: usageStatus,
  containerResource: usageStatus,
  external({ metric, current }) {
    const { name, selector } = membersOf(metric)
    const { value, averageValue } = membersOf(current)
    return presentMembers({
      metricName: name,
      metricSelector: selector,
      currentValue: amount(value),
      currentAverageValue: averageValue,
    })
  },
}

function usageStatusOfV1(source: JsonObject): JsonObject {
  const { name, container, currentAverageUtilization, currentAverageValue } = source
  const current = presentMembers({
    averageUtilization: currentAverageUtilization,
    averageValue: amount(currentAverageValue),
  })
  return presentMembers({ name, container, current })
}

const statusesOfV1: Readonly<Record<string, Convert>> = {
  object({ target, metricName, currentValue, selector, averageValue }) {
    return {
      describedObject: membersOf(target),
      metric: presentMembers({ name: metricName, selector }),
      current: presentMembers({ value: amount(currentValue), averageValue }),
    }
  },
  pods({ metricName, currentAverageValue, selector }) {
    return {
      metric: presentMembers({ name: metricName, selector }),
      current: { averageValue: amount(currentAverageValue) },
    }
  },
  resource: usageStatusOfV1,
  containerResource: usageStatusOfV1,
  external({ metricName, metricSelector, currentValue, currentAverageValue }) {
    return {
      metric: presentMembers({ name: metricName, selector: metricSelector }),
      current: presentMembers({ value: amount(currentValue), averageValue: currentAverageValue }),
    }
  },
}

const asJson = (value: object) => value as unknown as JsonObject

export const specToV1 = (metric: MetricSpec) => converted(asJson(metric), specsToV1)
export const specOfV1 = (metric: JsonObject) => converted(metric, specsOfV1)
export const statusToV1 = (metric: MetricStatus) => converted(asJson(metric), statusesToV1)
export const statusOfV1 = (metric: JsonObject) => converted(metric, statusesOfV1)
