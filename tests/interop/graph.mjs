// graph.mjs SERVER PUBLIC TOKEN TARGET NUMBER COUNT: Microsoft's own Graph client pages through COUNT number assignments with
// its PageIterator, finds one by a filter, assigns it to TARGET, follows its operation, and understands a refusal. The client
// knows the exchange as PUBLIC (https, as Graph is); the last link of its chain stands in for the proxy that would end TLS.
import { AuthenticationHandler, Client, GraphError, PageIterator, ResponseType } from "@microsoft/microsoft-graph-client";
import { finish } from "./arrow.mjs";

const [server, address, token, target, number, count] = process.argv.slice(2);
const differences = [];
const expect = (what, found, wanted) => {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    differences.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
};

const requests = [];
const proxy = {
  async execute(context) {
    if (!context.request.startsWith(`${address}/`)) throw new Error(`the client left the exchange: ${context.request}`);
    requests.push(context.request);
    context.response = await fetch(server + context.request.slice(address.length), context.options);
  },
};
const authentication = new AuthenticationHandler({ getAccessToken: async () => token });
authentication.setNext(proxy);
const client = Client.initWithMiddleware({
  middleware: authentication,
  baseUrl: `${address}/`,
  customHosts: new Set([new URL(address).hostname]),
});
const numbers = "/admin/teams/telephoneNumberManagement/numberAssignments";

const seen = new Set();
let rows = 0;
const first = await client.api(numbers).count(true).get();
expect("@odata.count", first["@odata.count"], Number(count));
await new PageIterator(client, first, (row) => {
  ++rows;
  seen.add(row.telephoneNumber);
  return true;
}).iterate();
expect("rows", rows, Number(count));
expect("numbers among them", seen.size, Number(count));
expect("pages of 500", requests.length, Math.ceil(Number(count) / 500));

const found = await client.api(numbers).version("beta").filter(`telephoneNumber eq '${number}'`).get();
expect("found by its number", found.value.map((row) => row.assignmentStatus), ["unassigned"]);
const free = await client
  .api(numbers)
  .filter("assignmentStatus eq 'unassigned' and capabilities/any(c:c eq 'userAssignment')")
  .top(1000)
  .get();
expect("a page of the free ones", free.value.length, 1000);

const accepted = await client
  .api(`${numbers}/assignNumber`)
  .responseType(ResponseType.RAW)
  .post({ telephoneNumber: number, assignmentTargetId: target, numberType: "operatorConnect", assignmentCategory: "private" });
expect("assignNumber", accepted.status, 202);
const operation = await client.api(accepted.headers.get("Location")).get();
expect("the operation", operation.status, "succeeded");
const assigned = await client.api(operation.numbers[0].resourceLocation).get();
expect("the number", [assigned.telephoneNumber, assigned.assignmentTargetId, assigned.assignmentStatus], [number, target, "userAssigned"]);

const refused = await client.api(numbers).filter("city eq 'Bern'").get().catch((error) => error);
expect("a refusal is a GraphError", refused instanceof GraphError, true);
expect("its status and code", [refused.statusCode, refused.code], [400, "invalidRequest"]);
expect("its request id", typeof refused.requestId, "string");
finish(differences, "Microsoft's Graph client and the exchange");
