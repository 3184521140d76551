// A strict OpenID provider on 127.0.0.1: `node provider.mjs PORT CONFIG.json`. CONFIG: {clients, accounts, algorithm}.
// Any password is right; `login` names one of the accounts, whose claims are given away as they stand.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, path] = process.argv.slice(2);
const { clients, accounts, algorithm = "RS256" } = JSON.parse(readFileSync(path, "utf8"));
const pair = algorithm === "ES256"
  ? generateKeyPairSync("ec", { namedCurve: "P-256" })
  : generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...pair.privateKey.export({ format: "jwk" }), use: "sig", alg: algorithm, kid: "first" };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: clients.map((client) => ({ id_token_signed_response_alg: algorithm, ...client })),
  jwks: { keys: [key] },
  cookies: { keys: ["tests only"], names: { session: "op_session" } },
  claims: {
    openid: ["sub"],
    profile: ["name", "school", "role", "org"],
    email: ["email", "email_verified"],
  },
  // Its own guard refuses to tell servers on this very machine, which ours is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  async findAccount(_context, id) {
    const claims = accounts[id];
    return claims && { accountId: id, claims: async () => ({ sub: id, ...claims }) };
  },
});
provider.on("backchannel.error", (_context, error) => console.error(error));
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log("listening"));
