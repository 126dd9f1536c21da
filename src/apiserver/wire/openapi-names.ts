import type { JsonObject } from '../../api/json.ts'
import type { ModelSchema, Scalar } from '../../api/schema.ts'

/**
 * OpenAPI 2 keeps schemas under `definitions`, 3 under `components/schemas`; and 3 cannot say
 * anything beside a `$ref`.
 */
export type Dialect = 'v2' | 'v3'

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const core = 'io.k8s.api.core.v1'

const metaModels =
  'Condition DeleteOptions FieldSelectorRequirement LabelSelector LabelSelectorRequirement ' +
  'ListMeta ManagedFieldsEntry ObjectMeta OwnerReference Preconditions Status StatusCause StatusDetails'

/** In which of upstream's packages a model is, the first that fits; all others are in core. */
const packages: readonly (readonly [name: string, models: RegExp])[] = [
  [meta, new RegExp(`^(?:${metaModels.replaceAll(' ', '|')})$`)],
  ['io.k8s.api.apps.v1', /^(?:ControllerRevision|DaemonSet|Deployment|ReplicaSet|StatefulSet)/],
  ['io.k8s.api.apps.v1', /^RollingUpdate/],
  ['io.k8s.api.authentication.v1', /^(?:TokenReview|TokenRequest|SelfSubjectReview|UserInfo)/],
  ['io.k8s.api.authentication.v1', /^BoundObjectReference$/],
  ['io.k8s.api.authorization.v1', /^(?:\w*Subject(?:Access|Rules)Review|\w*ResourceAttributes)/],
  ['io.k8s.api.authorization.v1', /^(?:(?:Non)?ResourceRule|FieldSelectorAttr|LabelSelectorAttr)/],
  ['io.k8s.api.autoscaling.v1', /^Scale(?:Spec|Status)?$|^H\w+AutoscalerV1|ReferenceV1$/],
  ['io.k8s.api.autoscaling.v2', /^(?:H(?:orizontal)?P(?:od)?A|CrossVersion|\w*Metric)/],
  ['io.k8s.api.batch.v1', /^(?:CronJob|Job|PodFailurePolicy|SuccessPolicy|Uncounted)/],
  ['io.k8s.api.coordination.v1', /^Lease/],
  ['io.k8s.api.discovery.v1', /^Endpoint(?:Conditions|Hints|Port|Slice)?$/],
  ['io.k8s.api.discovery.v1', /^For(?:Node|Zone)$/],
  ['io.k8s.api.networking.v1', /^(?:HTTPIngress|IPBlock|Ingress|NetworkPolicy|ServiceBackendPort)/],
  ['io.k8s.api.policy.v1', /^(?:Eviction|PodDisruptionBudget)/],
  ['io.k8s.api.rbac.v1', /^(?:ClusterRole|Role|PolicyRule|AggregationRule|Subject$)/],
  ['io.k8s.api.scheduling.v1', /^PriorityClass/],
  ['io.k8s.api.storage.v1', /^StorageClass/],
]

/** The name under which upstream publishes a model: `io.k8s.api.apps.v1.Deployment`. */
export function componentName({ name, goName }: Pick<ModelSchema, 'name' | 'goName'>): string {
  const [home] = packages.find(([, models]) => models.test(name)) ?? [core]
  return `${home}.${goName}`
}

export function schemaRef(name: string, dialect: Dialect): JsonObject {
  return { $ref: dialect === 'v2' ? `#/definitions/${name}` : `#/components/schemas/${name}` }
}

interface ScalarComponent {
  readonly name: string
  readonly v2: JsonObject
  /** OpenAPI 3 can say what 2 has no word for. */
  readonly v3?: JsonObject
}

const time = { type: 'string', format: 'date-time' }
const text = { type: 'string' }
const number = { type: 'number' }
const anything = { type: 'object' }
const intOrString = 'int-or-string'

/** Types of plain values that upstream publishes under a name. */
const named: Partial<Readonly<Record<Scalar | 'fields', ScalarComponent>>> = {
  'date-time': { name: `${meta}.Time`, v2: time },
  'micro-time': { name: `${meta}.MicroTime`, v2: time },
  'int-or-string': {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    v2: { ...text, format: intOrString },
    v3: { oneOf: [{ type: 'integer' }, text], format: intOrString },
  },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    v2: text,
    v3: { oneOf: [text, number] },
  },
  any: { name: 'io.k8s.apimachinery.pkg.runtime.RawExtension', v2: anything },
  fields: { name: `${meta}.FieldsV1`, v2: anything },
}

/** The named type of a plain value in a field; undefined where it has no name. */
export function scalarComponent(scalar: Scalar, field: string): ScalarComponent | undefined {
  return named[field === 'fieldsV1' ? 'fields' : scalar]
}
