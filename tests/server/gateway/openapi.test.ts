/** `/docs` describes what runs, and needs nothing from outside. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { commands } from "#protocol";
import type { CommandSpec } from "#protocol";
import type { Fixture } from "./fixture.ts";
import { startGateway } from "./fixture.ts";

let fixture: Fixture;
beforeAll(() => {
  fixture = startGateway();
});
afterAll(() => fixture.stop());

test("describes every command that has a path", async () => {
  const document = await (await fetch(`${fixture.http}/docs/openapi.json`)).json();
  expect(document.openapi).toStartWith("3.1");
  for (const spec of Object.values<CommandSpec>(commands)) {
    if (!spec.rest) continue;
    const operation = document.paths[spec.rest.path]?.[spec.rest.method.toLowerCase()];
    expect(operation?.summary).toContain(spec.summary);
    expect(Object.keys(operation.responses)).toContain(String(spec.rest.status ?? 200));
  }
});

test("gives path, query and body of the fields, with their rules", async () => {
  const { paths } = await (await fetch(`${fixture.http}/docs/openapi.json`)).json();
  const parameters = (path: string) =>
    paths[path].get.parameters.map((each: { name: string; in: string }) => `${each.in} ${each.name}`);
  expect(parameters("/api/vms/{vmId}")).toEqual(["path vmId"]);
  expect(parameters("/api/jobs")).toEqual([
    "query vmId",
    "query state",
    "query kind",
    "query limit",
    "query cursor",
  ]);
  const create = paths["/api/vms"].post.requestBody.content["application/json"].schema;
  expect(create.properties.ramMb).toMatchObject({
    type: "integer",
    minimum: 512,
    maximum: 4096,
    multipleOf: 256,
  });
  const action = paths["/api/vms/{vmId}/action"].post.requestBody.content["application/json"].schema;
  expect(action.properties.action.enum).toEqual(["start", "stop", "restart", "destroy"]);
});

test("serves the page with files of its own only", async () => {
  const page = await (await fetch(`${fixture.http}/docs`)).text();
  const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(addresses.length).toBeGreaterThan(3);
  for (const address of addresses) {
    expect(address).toStartWith("/docs/");
    expect((await fetch(fixture.http + address)).status).toBe(200);
  }
  expect(page).not.toMatch(/<script>|<style>|onload=/);
  expect((await fetch(`${fixture.http}/docs/package.json`)).status).toBe(404);
});
