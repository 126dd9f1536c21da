import type {
  ClusterRole,
  ClusterRoleBinding,
  LabelSelector,
  PolicyRule,
} from '../../api/generated/types.ts'
import { aggregateLabelPrefix, autoupdateAnnotation, bootstrappingLabel } from '../../api/names.ts'
import { apiVersionOf } from '../../api/resource.ts'
import { clusterRoles } from '../../api/scheme.ts'
import {
  authenticatedGroup,
  mastersGroup,
  serviceAccountsGroup,
  unauthenticatedGroup,
} from './identity.ts'
import { everything } from './rules.ts'

/**
 * The roles and bindings that every cluster has, as upstream's, as far as we serve what they are
 * about. They are data: `bootstrap-rbac.ts` brings them into the store.
 */

const read = 'get list watch'
const write = 'create delete deletecollection patch update'
const readWrite = 'create delete deletecollection get list patch update watch'

/** A group's name, `''` or `*`; lists are words with spaces in between. */
function rule(verbs: string, group: string, resources: string): PolicyRule {
  return { verbs: verbs.split(' '), apiGroups: [group], resources: resources.split(' ') }
}

function pathRule(paths: string): PolicyRule {
  return { verbs: ['get'], nonResourceURLs: paths.split(' ') }
}

const healthPaths = '/healthz /livez /readyz /version /version/'

const viewRules = [
  rule(
    read,
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods ' +
      'replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  rule(
    read,
    '',
    'bindings events limitranges namespaces/status pods/log pods/status ' +
      'replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  rule(read, '', 'namespaces'),
  rule(read, 'discovery.k8s.io', 'endpointslices'),
  rule(
    read,
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale ' +
      'deployments/status replicasets replicasets/scale replicasets/status statefulsets ' +
      'statefulsets/scale statefulsets/status',
  ),
  rule(read, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(read, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  rule(read, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(read, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
]

const editRules = [
  rule(read, '', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  rule('impersonate', '', 'serviceaccounts'),
  rule(write, '', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  rule('create', '', 'pods/eviction'),
  rule(
    write,
    '',
    'configmaps events persistentvolumeclaims replicationcontrollers ' +
      'replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  rule('create', '', 'serviceaccounts/token'),
  rule(
    write,
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale ' +
      'statefulsets statefulsets/scale',
  ),
  rule(write, 'autoscaling', 'horizontalpodautoscalers'),
  rule(write, 'batch', 'cronjobs jobs'),
  rule(write, 'policy', 'poddisruptionbudgets'),
  rule(write, 'networking.k8s.io', 'ingresses networkpolicies'),
  rule(readWrite, 'coordination.k8s.io', 'leases'),
]

const adminRules = [
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule(readWrite, clusterRoles.group, 'rolebindings roles'),
]

const basicRules = [
  rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
  rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
]

const delegatorRules = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
]

const discoveryPaths =
  '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/'
const issuerPaths =
  '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/'
const monitoringPaths =
  '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'

const apiVersion = apiVersionOf(clusterRoles)

function metadataOf(name: string, feeds: readonly string[] = []): ClusterRole['metadata'] {
  const aggregated = feeds.map((role) => [`${aggregateLabelPrefix}${role}`, 'true'])
  return {
    name,
    annotations: { [autoupdateAnnotation]: 'true' },
    labels: { [bootstrappingLabel]: 'rbac-defaults', ...Object.fromEntries(aggregated) },
  }
}

function role(name: string, rules: readonly PolicyRule[], ...feeds: string[]): ClusterRole {
  return { apiVersion, kind: 'ClusterRole', metadata: metadataOf(name, feeds), rules }
}

/** A role whose rules are those of the roles that are labelled as feeding it. */
function aggregated(name: string, ...feeds: string[]): ClusterRole {
  const selector: LabelSelector = { matchLabels: { [`${aggregateLabelPrefix}${name}`]: 'true' } }
  const aggregationRule = { clusterRoleSelectors: [selector] }
  return { apiVersion, kind: 'ClusterRole', metadata: metadataOf(name, feeds), aggregationRule }
}

function binding(name: string, ...groups: string[]): ClusterRoleBinding {
  const apiGroup = clusterRoles.group
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: metadataOf(name),
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ apiGroup, kind: 'Group', name: group })),
  }
}

/** A role that gathers the rules of others comes after them. */
export const bootstrapClusterRoles: readonly ClusterRole[] = [
  role('cluster-admin', everything),
  role('system:aggregate-to-admin', adminRules, 'admin'),
  role('system:aggregate-to-edit', editRules, 'edit'),
  role('system:aggregate-to-view', viewRules, 'view'),
  role('system:basic-user', basicRules),
  role('system:discovery', [pathRule(discoveryPaths)]),
  role('system:public-info-viewer', [pathRule(healthPaths)]),
  role('system:monitoring', [pathRule(monitoringPaths)]),
  role('system:auth-delegator', delegatorRules),
  role('system:service-account-issuer-discovery', [pathRule(issuerPaths)]),
  aggregated('view', 'edit'),
  aggregated('edit', 'admin'),
  aggregated('admin'),
]

export const bootstrapClusterRoleBindings: readonly ClusterRoleBinding[] = [
  binding('cluster-admin', mastersGroup),
  binding('system:basic-user', authenticatedGroup),
  binding('system:discovery', authenticatedGroup),
  binding('system:public-info-viewer', authenticatedGroup, unauthenticatedGroup),
  binding('system:monitoring', 'system:monitoring'),
  binding('system:service-account-issuer-discovery', serviceAccountsGroup),
]
