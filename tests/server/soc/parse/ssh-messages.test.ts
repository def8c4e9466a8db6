/** Each message of OpenSSH and dropbear, of all ages, as one line. */
import { describe, expect, test } from "bun:test";
import type { SshRecord } from "../../../../server/features/soc/parse/index.ts";
import { parseLine, parseMessage } from "./parse-lines.ts";

type Row = readonly [
  message: string,
  kind: string,
  user: string | null,
  source: string | null,
  port: number | null,
];

const A = "203.0.113.7";

const logins: readonly Row[] = [
  [`Failed password for root from ${A} port 4444 ssh2`, "failure", "root", A, 4444],
  [`Failed password for root from ${A} port 4444`, "failure", "root", A, 4444],
  [`Failed password for invalid user admin from ${A} port 4444 ssh2`, "failure", "admin", A, 4444],
  [`Failed password for illegal user admin from ${A} port 4444 ssh2`, "failure", "admin", A, 4444],
  [`Failed password for invalid user  from ${A} port 4444 ssh2`, "failure", "", A, 4444],
  [`Failed none for invalid user a from ${A} port 1 ssh2`, "failure", "a", A, 1],
  [`Failed keyboard-interactive/pam for bob from ${A} port 9 ssh2`, "failure", "bob", A, 9],
  [`Failed publickey for git from ${A} port 9 ssh2: RSA SHA256:abc`, "failure", "git", A, 9],
  [`Failed gssapi-with-mic for git from ${A} port 9 ssh2`, "failure", "git", A, 9],
  [`Failed password for root from ::ffff:${A} port 9 ssh2`, "failure", "root", A, 9],
  ["Failed password for root from FE80::1%eth0 port 9 ssh2", "failure", "root", "fe80::1%eth0", 9],
  ["Failed password for root from 2001:db8:: port 9 ssh2", "failure", "root", "2001:db8::", 9],
  [
    "Failed password for root from host-1.example.org port 9 ssh2",
    "failure",
    "root",
    "host-1.example.org",
    9,
  ],
  ["Failed password for root from UNKNOWN port 65535 ssh2", "failure", "root", null, 65_535],
  [`Accepted password for root from ${A} port 9 ssh2`, "success", "root", A, 9],
  [`Accepted publickey for me from ${A} port 9 ssh2: ED25519 SHA256:x`, "success", "me", A, 9],
  [`Postponed publickey for me from ${A} port 9 ssh2 [preauth]`, "other", "me", A, 9],
  [`Partial publickey for me from ${A} port 9 ssh2`, "other", "me", A, 9],
  ["Accepted key ED25519 SHA256:x found at /root/.ssh/authorized_keys:1", "other", null, null, null],
  ["Failed to allocate internet-domain X11 display socket.", "other", null, null, null],
  ["pam_unix(sshd:session): session opened for user root by (uid=0)", "session", "root", null, null],
  ["pam_unix(sshd:session): session opened for user al(uid=1000) by (uid=0)", "session", "al", null, null],
  ["pam_unix(sshd:session): session closed for user root", "session", "root", null, null],
  [`Starting session: shell on pts/0 for al from ${A} port 5 id 0`, "session", "al", A, 5],
  [`Close session: user al from ${A} port 5 id 0`, "session", "al", A, 5],
  ["subsystem request for sftp by user al", "session", "al", null, null],
];

const ends: readonly Row[] = [
  [`Connection closed by ${A} [preauth]`, "probe", null, A, null],
  [`Connection closed by ${A} port 22 [preauth]`, "probe", null, A, 22],
  [`Connection closed by ${A} port 22`, "probe", null, A, 22],
  [`Connection closed by ${A}`, "session", null, A, null],
  [`Connection reset by ${A} port 22 [preauth]`, "probe", null, A, 22],
  [`Connection closed by authenticating user root ${A} port 22 [preauth]`, "probe", "root", A, 22],
  [`Connection reset by invalid user two words ${A} port 22 [preauth]`, "probe", "two words", A, 22],
  [`Connection closed by invalid user  ${A} port 22 [preauth]`, "probe", "", A, 22],
  [`Disconnected from user root ${A} port 22`, "session", "root", A, 22],
  [`Disconnected from invalid user x ${A} port 22 [preauth]`, "probe", "x", A, 22],
  [`Received disconnect from ${A}: 11: disconnected by user`, "session", null, A, null],
  [`Received disconnect from ${A}: 11: Bye Bye [preauth]`, "probe", null, A, null],
  [`Received disconnect from ${A} port 7:11: Bye from 9.9.9.9 port 1 [preauth]`, "probe", null, A, 7],
  [
    `error: Received disconnect from ${A}: 3: com.jcraft.jsch.JSchException: Auth fail`,
    "probe",
    null,
    A,
    null,
  ],
  [`Disconnecting: Too many authentication failures for root [preauth]`, "probe", "root", null, null],
  [
    `Disconnecting authenticating user root ${A} port 5: Too many authentication failures [preauth]`,
    "probe",
    "root",
    A,
    5,
  ],
  [
    `Disconnecting invalid user a ${A} port 5: Change of username or service not allowed: (a,ssh-connection) -> (x 9.9.9.9 port 1,ssh-connection) [preauth]`,
    "probe",
    "a",
    A,
    5,
  ],
  [
    `error: maximum authentication attempts exceeded for invalid user a b from ${A} port 5 ssh2 [preauth]`,
    "probe",
    "a b",
    A,
    5,
  ],
];

const probes: readonly Row[] = [
  [`Did not receive identification string from ${A}`, "probe", null, A, null],
  [`Did not receive identification string from ${A} port 77`, "probe", null, A, 77],
  [`Bad protocol version identification 'GET / from 9.9.9.9 port 1' from ${A} port 7`, "probe", null, A, 7],
  [`error: banner exchange: Connection from ${A} port 7: invalid format`, "probe", null, A, 7],
  ["error: kex_exchange_identification: Connection closed by remote host", "probe", null, null, null],
  [
    `ssh_dispatch_run_fatal: Connection from ${A} port 7: Connection corrupted [preauth]`,
    "probe",
    null,
    A,
    7,
  ],
  [
    `Unable to negotiate with ${A} port 7: no matching host key type found. Their offer: ssh-dss [preauth]`,
    "probe",
    null,
    A,
    7,
  ],
  ["Bad packet length 1094795585. [preauth]", "probe", null, null, null],
  ["Corrupted MAC on input. [preauth]", "probe", null, null, null],
  ["fatal: Write failed: Connection reset by peer [preauth]", "probe", null, null, null],
  [`fatal: Timeout before authentication for ${A} port 7`, "probe", null, A, 7],
  [`Timeout before authentication for connection from ${A} to 10.0.0.1, pid = 5`, "probe", null, A, null],
  ["error: beginning MaxStartups throttling", "probe", null, null, null],
  [`drop connection #10 from [${A}]:7 on [10.0.0.1]:22 past MaxStartups`, "probe", null, A, 7],
  [
    "drop connection #0 from [2001:DB8::1]:7 on [::1]:22 penalty: failed authentication",
    "probe",
    null,
    "2001:db8::1",
    7,
  ],
  [`refused connect from evil.example.org (${A})`, "probe", null, A, null],
  [`refused connect from user@::ffff:${A} (::ffff:${A})`, "probe", null, A, null],
  [
    `reverse mapping checking getaddrinfo for evil.example.org [${A}] failed - POSSIBLE BREAK-IN ATTEMPT!`,
    "probe",
    null,
    A,
    null,
  ],
  [
    `Address ${A} maps to evil.example.org, but this does not map back to the address - POSSIBLE BREAK-IN ATTEMPT!`,
    "probe",
    null,
    A,
    null,
  ],
  [`Nasty PTR record "1.2.3.4" is set up for ${A}, ignoring`, "probe", null, A, null],
  [`scanned from ${A} port 7 with SSH-1.0-SSH_Version_Mapper.  Don't panic.`, "probe", null, A, 7],
  ["Server listening on 0.0.0.0 port 22.", "other", null, null, null],
  ["Received signal 15; terminating.", "other", null, null, null],
  [`Connection from ${A} port 7 on 10.0.0.1 port 22`, "other", null, A, 7],
  ["pam_unix(sshd:auth): check pass; user unknown", "other", null, null, null],
];

const dropbear: readonly Row[] = [
  [`Bad password attempt for 'root' from ${A}:5`, "failure", "root", A, 5],
  [`bad password attempt for 'it's' from ${A}:5`, "failure", "it's", A, 5],
  [`Bad password attempt for 'a' from 1.1.1.1:1' from ::1:5`, "failure", "a' from 1.1.1.1:1", "::1", 5],
  [`Login attempt for nonexistent user from ::ffff:${A}:5`, "failure", null, A, 5],
  ["Login attempt for nonexistent user", "failure", null, null, null],
  [`Password auth succeeded for 'root' from ${A}:5`, "success", "root", A, 5],
  [`Pubkey auth succeeded for 'root' with ssh-ed25519 key SHA256:x from ${A}:5`, "success", "root", A, 5],
  [`Pubkey auth succeeded for 'root' with key md5 aa:bb from ${A}:5`, "success", "root", A, 5],
  [`Password auth succeeded for 'root' from ${A}:5, extra auth required`, "other", "root", A, 5],
  [`Child connection from ${A}:5`, "other", null, A, 5],
  [`Exit before auth from <${A}:5>: (user 'root', 3 fails): Exited normally`, "probe", "root", A, 5],
  ["Exit before auth: Exited normally", "probe", null, null, null],
  [
    `Exit before auth (user 'root', 10 fails): Max auth tries reached - user 'root' from ${A}:5`,
    "probe",
    "root",
    A,
    5,
  ],
  [`Exit (root) from <${A}:5>: Disconnect received`, "session", "root", A, 5],
];

function expectRow(row: Row, { kind, user, source, port }: SshRecord): void {
  expect<Row>([row[0], kind, user, source, port]).toEqual(row);
}

describe("OpenSSH", () => {
  for (const row of [...logins, ...ends, ...probes])
    test(`reads: ${row[0]}`, () => expectRow(row, parseMessage(row[0])));

  test("names the method of a login", () => {
    expect(parseMessage(`Failed keyboard-interactive/pam for a from ${A} port 1 ssh2`).method).toBe(
      "keyboard-interactive/pam",
    );
    expect(parseMessage(`Accepted publickey for a from ${A} port 1 ssh2`).method).toBe("publickey");
  });

  test("counts the attempts of a repeated message", () => {
    const record = parseMessage(
      `message repeated 5 times: [ Failed password for root from ${A} port 42393 ssh2]`,
    );
    expect(record).toMatchObject({ kind: "failure", attempts: 5, user: "root", source: A, port: 42_393 });
  });

  test("believes the server's own tail, not one in a name", () => {
    const name = "x from 1.2.3.4 port 22 ssh2";
    for (const text of [
      `Failed password for invalid user ${name} from ${A} port 5 ssh2`,
      `Invalid user ${name} from ${A} port 5`,
      `Connection closed by invalid user ${name} ${A} port 5 [preauth]`,
      `error: maximum authentication attempts exceeded for invalid user ${name} from ${A} port 5 ssh2 [preauth]`,
    ])
      expect(parseMessage(text)).toMatchObject({ user: name, source: A, port: 5 });
  });

  test("believes no source in what a client says behind the tail", () => {
    for (const info of [
      "ECDSA-CERT SHA256:x ID a from 1.2.3.4 port 22 ssh2 (serial 0) CA RSA SHA256:y",
      'RSA SHA256:x, client user "a from 1.2.3.4 port 22 ssh2", client host "h"',
    ]) {
      const method = info.startsWith("RSA") ? "hostbased" : "publickey";
      expect(parseMessage(`Failed ${method} for al from ${A} port 5 ssh2: ${info}`)).toMatchObject({
        user: "al",
        source: A,
        port: 5,
      });
    }
  });
});

describe("dropbear", () => {
  for (const row of dropbear)
    test(`reads: ${row[0]}`, () =>
      expectRow(row, parseLine(`Dec 10 06:55:46 router authpriv.warn dropbear[1252]: ${row[0]}`)));
});
