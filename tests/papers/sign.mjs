// Signs tokens with `jose`, as docs/sso.md shows it for node: prints the public keys, then one token by each sort of key.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const jose = createRequire(new URL("../npm/", import.meta.url))("jose");
const { SignJWT } = jose;
const [page, secret] = process.argv.slice(2);
const shown = /```js\nconst commentsToken[^]*?```/.exec(readFileSync(page, "utf8"))[0].replace(/```(js\n)?/g, "");
const signer = (alg, privateKey) =>
  new Function("SignJWT", "privateKey", "crypto", `${shown.replaceAll("ES256", alg)}; return commentsToken;`)(SignJWT, privateKey, crypto);

const said = { keys: [], tokens: {} };
for (const alg of ["ES256", "RS256"]) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg);
  said.keys.push({ ...(await jose.exportJWK(publicKey)), kid: "2026-11", alg });
  said.tokens[alg] = await signer(alg, privateKey)({ id: 41207, penName: "Ada" }, { subscriber: true });
}
said.tokens.HS256 = await signer("HS256", new TextEncoder().encode(secret))({ id: 41207, penName: "Ada" }, { subscriber: true });
console.log(JSON.stringify(said));
