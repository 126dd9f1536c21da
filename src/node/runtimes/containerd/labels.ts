/** What a kubelet calls these too, so that tools such as crictl show them. */
export const podUidLabel = 'io.kubernetes.pod.uid'
export const podNameLabel = 'io.kubernetes.pod.name'
export const podNamespaceLabel = 'io.kubernetes.pod.namespace'
export const containerNameLabel = 'io.kubernetes.container.name'

/** Whose they are: engines of one machine share a containerd, and touch only what is theirs. */
export const engineLabel = 'astern.dev/engine'
/** The image as the manifest names it, and what it was when the container was made. */
export const imageAnnotation = 'astern.dev/image'
export const imageIdAnnotation = 'astern.dev/image-id'
/** What a sandbox was asked for, as JSON. */
export const sandboxAnnotation = 'astern.dev/sandbox'
