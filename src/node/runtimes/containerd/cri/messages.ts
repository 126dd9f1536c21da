/**
 * The part of CRI v1 that Astern speaks: message -> field -> type and number, as the protocol
 * (`runtime.v1`) has them. Enumerations are numbers.
 */
export const criMessages = {
  VersionRequest: {},
  VersionResponse: { runtimeName: 'string 2', runtimeVersion: 'string 3' },
  StatusRequest: { verbose: 'bool 1' },
  StatusResponse: { status: 'RuntimeStatus 1', info: 'map 2' },
  RuntimeStatus: { conditions: 'repeated RuntimeCondition 1' },
  RuntimeCondition: { type: 'string 1', status: 'bool 2', reason: 'string 3', message: 'string 4' },

  DNSConfig: {
    servers: 'repeated string 1',
    searches: 'repeated string 2',
    options: 'repeated string 3',
  },
  PortMapping: { protocol: 'int32 1', containerPort: 'int32 2', hostPort: 'int32 3' },
  NamespaceOption: { network: 'int32 1', pid: 'int32 2', ipc: 'int32 3' },
  Int64Value: { value: 'int64 1' },
  SecurityProfile: { profileType: 'int32 1', localhostRef: 'string 2' },
  LinuxSandboxSecurityContext: {
    namespaceOptions: 'NamespaceOption 1',
    privileged: 'bool 6',
    seccomp: 'SecurityProfile 9',
  },
  LinuxPodSandboxConfig: {
    cgroupParent: 'string 1',
    securityContext: 'LinuxSandboxSecurityContext 2',
    sysctls: 'map 3',
  },
  PodSandboxMetadata: {
    name: 'string 1',
    uid: 'string 2',
    namespace: 'string 3',
    attempt: 'uint32 4',
  },
  PodSandboxConfig: {
    metadata: 'PodSandboxMetadata 1',
    hostname: 'string 2',
    logDirectory: 'string 3',
    dnsConfig: 'DNSConfig 4',
    portMappings: 'repeated PortMapping 5',
    labels: 'map 6',
    annotations: 'map 7',
    linux: 'LinuxPodSandboxConfig 8',
  },
  RunPodSandboxRequest: { config: 'PodSandboxConfig 1' },
  RunPodSandboxResponse: { podSandboxId: 'string 1' },
  PodSandboxId: { podSandboxId: 'string 1' },
  PodSandboxNetworkStatus: { ip: 'string 1' },
  PodSandboxStatus: { id: 'string 1', state: 'int32 3', network: 'PodSandboxNetworkStatus 5' },
  PodSandboxStatusResponse: { status: 'PodSandboxStatus 1' },
  PodSandboxFilter: { labelSelector: 'map 3' },
  ListPodSandboxRequest: { filter: 'PodSandboxFilter 1' },
  PodSandbox: {
    id: 'string 1',
    metadata: 'PodSandboxMetadata 2',
    state: 'int32 3',
    labels: 'map 5',
    annotations: 'map 6',
  },
  ListPodSandboxResponse: { items: 'repeated PodSandbox 1' },

  Mount: {
    containerPath: 'string 1',
    hostPath: 'string 2',
    readonly: 'bool 3',
    propagation: 'int32 5',
  },
  KeyValue: { key: 'string 1', value: 'string 2' },
  ImageSpec: { image: 'string 1' },
  LinuxContainerResources: {
    cpuPeriod: 'int64 1',
    cpuQuota: 'int64 2',
    cpuShares: 'int64 3',
    memoryLimitInBytes: 'int64 4',
  },
  Capability: { addCapabilities: 'repeated string 1', dropCapabilities: 'repeated string 2' },
  LinuxContainerSecurityContext: {
    capabilities: 'Capability 1',
    privileged: 'bool 2',
    namespaceOptions: 'NamespaceOption 3',
    runAsUser: 'Int64Value 5',
    readonlyRootfs: 'bool 7',
    supplementalGroups: 'repeated int64 8',
    noNewPrivs: 'bool 11',
    runAsGroup: 'Int64Value 12',
    maskedPaths: 'repeated string 13',
    readonlyPaths: 'repeated string 14',
    seccomp: 'SecurityProfile 15',
  },
  LinuxContainerConfig: {
    resources: 'LinuxContainerResources 1',
    securityContext: 'LinuxContainerSecurityContext 2',
  },
  ContainerMetadata: { name: 'string 1', attempt: 'uint32 2' },
  ContainerConfig: {
    metadata: 'ContainerMetadata 1',
    image: 'ImageSpec 2',
    command: 'repeated string 3',
    args: 'repeated string 4',
    workingDir: 'string 5',
    envs: 'repeated KeyValue 6',
    mounts: 'repeated Mount 7',
    labels: 'map 9',
    annotations: 'map 10',
    logPath: 'string 11',
    stdin: 'bool 12',
    stdinOnce: 'bool 13',
    tty: 'bool 14',
    linux: 'LinuxContainerConfig 15',
  },
  CreateContainerRequest: {
    podSandboxId: 'string 1',
    config: 'ContainerConfig 2',
    sandboxConfig: 'PodSandboxConfig 3',
  },
  CreateContainerResponse: { containerId: 'string 1' },
  ContainerId: { containerId: 'string 1' },
  StopContainerRequest: { containerId: 'string 1', timeout: 'int64 2' },
  ContainerFilter: { id: 'string 1', labelSelector: 'map 4' },
  ListContainersRequest: { filter: 'ContainerFilter 1' },
  Container: {
    id: 'string 1',
    podSandboxId: 'string 2',
    metadata: 'ContainerMetadata 3',
    imageRef: 'string 5',
    state: 'int32 6',
    labels: 'map 8',
    annotations: 'map 9',
  },
  ListContainersResponse: { containers: 'repeated Container 1' },
  ContainerStatus: {
    id: 'string 1',
    state: 'int32 3',
    createdAt: 'int64 4',
    startedAt: 'int64 5',
    finishedAt: 'int64 6',
    exitCode: 'int32 7',
    reason: 'string 10',
    message: 'string 11',
  },
  ContainerStatusResponse: { status: 'ContainerStatus 1' },

  ExecSyncRequest: { containerId: 'string 1', cmd: 'repeated string 2', timeout: 'int64 3' },
  ExecSyncResponse: { stdout: 'bytes 1', stderr: 'bytes 2', exitCode: 'int32 3' },
  ExecRequest: {
    containerId: 'string 1',
    cmd: 'repeated string 2',
    tty: 'bool 3',
    stdin: 'bool 4',
    stdout: 'bool 5',
    stderr: 'bool 6',
  },
  AttachRequest: {
    containerId: 'string 1',
    stdin: 'bool 2',
    tty: 'bool 3',
    stdout: 'bool 4',
    stderr: 'bool 5',
  },
  PortForwardRequest: { podSandboxId: 'string 1', port: 'repeated int32 2' },
  StreamingResponse: { url: 'string 1' },

  AuthConfig: {
    username: 'string 1',
    password: 'string 2',
    serverAddress: 'string 4',
    identityToken: 'string 5',
    registryToken: 'string 6',
  },
  Image: {
    id: 'string 1',
    repoTags: 'repeated string 2',
    repoDigests: 'repeated string 3',
    size: 'uint64 4',
    uid: 'Int64Value 5',
    username: 'string 6',
    pinned: 'bool 8',
  },
  ImageStatusRequest: { image: 'ImageSpec 1' },
  ImageStatusResponse: { image: 'Image 1' },
  ListImagesResponse: { images: 'repeated Image 1' },
  PullImageRequest: { image: 'ImageSpec 1', auth: 'AuthConfig 2' },
  PullImageResponse: { imageRef: 'string 1' },
  UInt64Value: { value: 'uint64 1' },
  FilesystemIdentifier: { mountpoint: 'string 1' },
  FilesystemUsage: { fsId: 'FilesystemIdentifier 2', usedBytes: 'UInt64Value 3' },
  ImageFsInfoResponse: { imageFilesystems: 'repeated FilesystemUsage 1' },
  Empty: {},
} as const

type MessageName = keyof typeof criMessages

/** Method -> its service, what it takes and what it answers. */
export const criMethods = {
  Version: ['RuntimeService', 'VersionRequest', 'VersionResponse'],
  Status: ['RuntimeService', 'StatusRequest', 'StatusResponse'],
  RunPodSandbox: ['RuntimeService', 'RunPodSandboxRequest', 'RunPodSandboxResponse'],
  StopPodSandbox: ['RuntimeService', 'PodSandboxId', 'Empty'],
  RemovePodSandbox: ['RuntimeService', 'PodSandboxId', 'Empty'],
  PodSandboxStatus: ['RuntimeService', 'PodSandboxId', 'PodSandboxStatusResponse'],
  ListPodSandbox: ['RuntimeService', 'ListPodSandboxRequest', 'ListPodSandboxResponse'],
  CreateContainer: ['RuntimeService', 'CreateContainerRequest', 'CreateContainerResponse'],
  StartContainer: ['RuntimeService', 'ContainerId', 'Empty'],
  StopContainer: ['RuntimeService', 'StopContainerRequest', 'Empty'],
  RemoveContainer: ['RuntimeService', 'ContainerId', 'Empty'],
  ListContainers: ['RuntimeService', 'ListContainersRequest', 'ListContainersResponse'],
  ContainerStatus: ['RuntimeService', 'ContainerId', 'ContainerStatusResponse'],
  ReopenContainerLog: ['RuntimeService', 'ContainerId', 'Empty'],
  ExecSync: ['RuntimeService', 'ExecSyncRequest', 'ExecSyncResponse'],
  Exec: ['RuntimeService', 'ExecRequest', 'StreamingResponse'],
  Attach: ['RuntimeService', 'AttachRequest', 'StreamingResponse'],
  PortForward: ['RuntimeService', 'PortForwardRequest', 'StreamingResponse'],
  ListImages: ['ImageService', 'Empty', 'ListImagesResponse'],
  ImageStatus: ['ImageService', 'ImageStatusRequest', 'ImageStatusResponse'],
  PullImage: ['ImageService', 'PullImageRequest', 'PullImageResponse'],
  RemoveImage: ['ImageService', 'ImageStatusRequest', 'Empty'],
  ImageFsInfo: ['ImageService', 'Empty', 'ImageFsInfoResponse'],
} as const satisfies Record<
  string,
  readonly ['RuntimeService' | 'ImageService', MessageName, MessageName]
>

type Messages = typeof criMessages

type Scalar<T extends string> = T extends 'string'
  ? string
  : T extends 'bool'
    ? boolean
    : T extends 'bytes'
      ? Buffer
      : T extends 'int32' | 'uint32' | 'int64' | 'uint64'
        ? number
        : T extends 'map'
          ? Readonly<Record<string, string>>
          : T extends MessageName
            ? CriMessage<T>
            : never

type Field<F> = F extends `repeated ${infer T} ${number}`
  ? readonly Scalar<T>[]
  : F extends `${infer T} ${number}`
    ? Scalar<T>
    : never

/** A message as an object; what is absent has its type's default, a message in it is null. */
export type CriMessage<M extends MessageName> = {
  readonly [K in keyof Messages[M]]?: Field<Messages[M][K]> | null | undefined
}

export type CriMethod = keyof typeof criMethods
export type CriRequest<M extends CriMethod> = CriMessage<(typeof criMethods)[M][1]>
export type CriResponse<M extends CriMethod> = CriMessage<(typeof criMethods)[M][2]>

/** `PodSandboxState` and `ContainerState` of the protocol. */
export const sandboxReady = 0
export const containerState = { created: 0, running: 1, exited: 2, unknown: 3 } as const
/** `NamespaceMode`. */
export const namespaceMode = { pod: 0, container: 1, node: 2 } as const
/** `SecurityProfile.ProfileType`. */
export const profileType = { runtimeDefault: 0, unconfined: 1, localhost: 2 } as const
