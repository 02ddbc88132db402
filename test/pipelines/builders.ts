/** One builder of each kind that a platform can have, with all of its options. */
import type { BuilderSettings } from "../../spec";

export const builders = {
  container: { driver: "docker-container", image: "registry.example.com/buildkit:v0.26.3" },
  socket: { driver: "remote", address: "unix:///run/buildkit/buildkitd.sock", certificates: undefined },
  remote: {
    driver: "remote",
    address: "tcp://buildkit.example.com:1234",
    certificates: { ca: "buildkit-ca.pem", certificate: "buildkit.pem", key: "buildkit-key.pem" },
  },
  kubernetes: {
    driver: "kubernetes",
    namespace: "builders",
    replicas: 3,
    image: "registry.example.com/buildkit:v0.26.3",
    requests: { cpu: "500m", memory: "2Gi" },
    limits: { cpu: "4", memory: "8Gi" },
  },
} as const satisfies Readonly<Record<string, BuilderSettings>>;
