//! What opens a container towards the machine it runs on, whoever starts it.

/// Capabilities that a container may have at the level `baseline`.
///
/// # Source
/// Kubernetes, *Pod Security Standards*, baseline, "Capabilities".
const ORDINARY_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Folders of the machine that whoever can write to them owns it with.
const HOST_FOLDERS: &[&str] = &[
    "/",
    "/boot",
    "/etc",
    "/etc/kubernetes",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/usr",
    "/var",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/run",
];

/// Names of the sockets through which container runtimes are told what to start.
const RUNTIME_SOCKETS: &[&str] = &["docker.sock", "containerd.sock", "crio.sock", "podman.sock", "dockershim.sock"];

/// Whether a capability goes beyond the ordinary ones.
pub(super) fn is_dangerous_capability(capability: &str) -> bool {
    let capability = capability.to_ascii_uppercase();
    !ORDINARY_CAPABILITIES.contains(&capability.strip_prefix("CAP_").unwrap_or(&capability))
}

/// Whether a path of the machine is the socket of a container runtime: who speaks to it starts what they like.
pub(super) fn is_runtime_socket(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| RUNTIME_SOCKETS.contains(&name))
}

/// Whether a folder of the machine gives it away to whoever can write there.
pub(super) fn is_host_folder(path: &str) -> bool {
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    HOST_FOLDERS.contains(&path)
}

/// Whether an image is named by its digest, so that nothing else can come in its place.
pub(super) fn is_pinned(image: &str) -> bool {
    image.split_once("@sha256:").is_some_and(|(_, digest)| digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
