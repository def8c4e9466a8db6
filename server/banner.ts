/** What the server tells the person who started it, once it answers. */
import type { AdminState } from "./features/auth/index.ts";
import type { DriverInfo } from "./drivers/vm-driver.ts";

export interface BannerFacts {
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly home: string;
  readonly driver: DriverInfo;
  readonly admin: AdminState;
}

/** An address that can be clicked: nobody can open 0.0.0.0. */
export function webAddress(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::" || host === "127.0.0.1") return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function adminLines(admin: AdminState, address: string): string[] {
  switch (admin.kind) {
    case "ready":
      return ["user `admin`"];
    case "created":
      return ["user `admin`, made with TWARGA_ADMIN_PASSWORD"];
    case "reset":
      return ["user `admin`, password reset by TWARGA_ADMIN_PASSWORD; its sessions ended"];
    case "unchanged":
      return ["user `admin`, password as in TWARGA_ADMIN_PASSWORD"];
    case "unclaimed":
      return ["not set up yet. Open this link once:", `${address}/setup?token=${admin.setupToken}`];
    default:
      return admin satisfies never;
  }
}

export function banner(facts: BannerFacts): string {
  const address = webAddress(facts.host, facts.port);
  const rows: [string, string[]][] = [
    ["Address", [address]],
    ["Driver", [facts.driver.label, facts.driver.reason]],
    ["Admin", adminLines(facts.admin, address)],
    ["Home", [facts.home]],
  ];
  const lines = rows.flatMap(([label, texts]) =>
    texts.map((text, index) => `  ${(index === 0 ? label : "").padEnd(9)}${text}`),
  );
  return [
    ``,
    `  Twarga Cloud ${facts.version}`,
    ``,
    ...lines,
    ``,
    `  Ctrl-C stops the server; VMs keep running.`,
    ``,
  ].join("\n");
}
