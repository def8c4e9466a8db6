/** Every setting of the server: its variable, what is allowed, its default and its explanation, in one table. */
import { z } from "zod";
import { password } from "#protocol";

export const MIN_SECRET_BYTES = 32;
/** Stands in `.env.example`; a server that is started with it refuses, so that nobody runs on a public secret. */
export const SAMPLE_SECRET = "replace-me-with-64-random-characters-0123456789abcdef0123456789ab";

export const logLevels = ["auto", "trace", "debug", "info", "warn", "error", "silent"] as const;

const isExactOrigin = (text: string) => {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.origin === text;
};

export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** Completes the sentence "NAME must be ...". */
  readonly allowed: string;
  /** As a person would write it; empty means "not set". */
  readonly default: string;
  readonly meaning: string;
  /** Shown in `.env.example` where the default says nothing. */
  readonly example?: string;
}

const setting = <S extends z.ZodType>(entry: Setting<S>): Setting<S> => entry;

export const settings = {
  PORT: setting({
    schema: z
      .string()
      .regex(/^[0-9]{1,5}$/)
      .transform(Number)
      .pipe(z.int().min(1).max(65535)),
    allowed: "a whole number from 1 to 65535",
    default: "8000",
    meaning: "Port of the web page, the REST API and the socket.",
  }),
  HOST: setting({
    schema: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/),
    allowed: "a host name or an IP address, without http:// and without a port",
    default: "127.0.0.1",
    meaning: "Address to listen on. `0.0.0.0` opens the server to the network.",
  }),
  TWARGA_HOME: setting({
    schema: z.string().max(1024),
    allowed: "the path of a folder that exists or can be made",
    default: "",
    meaning: "Folder that holds `db/`, `vms/` and `logs/`. Empty means the project's own folder.",
    example: "/var/lib/twarga",
  }),
  TWARGA_DRIVER: setting({
    schema: z.enum(["auto", "vagrant", "container", "simulated"]),
    allowed: "auto, vagrant, container or simulated",
    default: "auto",
    meaning:
      "`auto` takes Vagrant where it works, else simulated machines, and says why. `container` makes containers instead of VMs.",
  }),
  TWARGA_CONTAINER_SOCKET: setting({
    schema: z.string().regex(/^(\/[^\0\n]{1,106})?$/),
    allowed: "the absolute path of a Unix socket, at most 107 characters",
    default: "",
    meaning:
      "Socket of a Docker or Podman engine for `TWARGA_DRIVER=container`. Empty means: a Podman service of its own (root only).",
    example: "/run/podman/podman.sock",
  }),
  TWARGA_ADMIN_PASSWORD: setting({
    schema: z.literal("").or(password),
    allowed: "8 to 128 characters",
    default: "",
    meaning:
      "Makes the user `admin` with this password at start, or, when it is changed, resets it and ends its sessions. Without it the first start prints a one-time set-up link.",
  }),
  TWARGA_JWT_SECRET: setting({
    schema: z
      .string()
      .refine((text) => text === "" || Buffer.byteLength(text) >= MIN_SECRET_BYTES)
      .refine((text) => text !== SAMPLE_SECRET),
    allowed: `at least ${MIN_SECRET_BYTES} bytes and not the sample one`,
    default: "",
    meaning:
      "Signs the session tokens. Empty means: made at the first start and kept in `db/secrets/jwt-secret`, readable by the owner only.",
    example: SAMPLE_SECRET,
  }),
  TWARGA_ORIGINS: setting({
    schema: z
      .string()
      .transform((text) =>
        text
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== ""),
      )
      .pipe(z.array(z.string().refine(isExactOrigin)).max(64)),
    allowed: "a comma-separated list of exact origins such as https://cloud.example.org",
    default: "",
    meaning:
      "Web origins that may use the server besides its own addresses, e.g. the address of a reverse proxy.",
    example: "https://cloud.example.org",
  }),
  TWARGA_UPLOAD_LIMIT_GB: setting({
    schema: z
      .string()
      .regex(/^[0-9]{1,3}$/)
      .transform(Number)
      .pipe(z.int().min(1).max(100)),
    allowed: "a whole number from 1 to 100",
    default: "8",
    meaning: "Largest `.box` file an administrator may upload, in GB.",
  }),
  TWARGA_LOG_LEVEL: setting({
    schema: z.enum(logLevels),
    allowed: `one of ${logLevels.join(", ")}`,
    default: "auto",
    meaning:
      "How much the server writes to its log on standard error. `auto` means `info`, and `warn` where that is a terminal.",
  }),
} as const;

export type SettingName = keyof typeof settings;
export type SettingValue<N extends SettingName> = z.output<(typeof settings)[N]["schema"]>;
