// Runs the certified `oidc-provider` as an identity provider for tests: node provider.mjs PORT [REDIRECT_URI…]
// Its log-in page asks for an account and the name this "provider" knows the person by, and consents in the same post.
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../npm/package.json', import.meta.url));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const [port, ...redirectUris] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = new Map();

function signingKey(alg) {
  const made = alg === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...made.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomUUID() };
}

const client = (id, more) => ({
  client_id: id, client_secret: 'a-secret-of-the-tests', redirect_uris: redirectUris,
  subject_type: 'pairwise', response_types: ['code'], grant_types: ['authorization_code'], ...more,
});

// The public half of the key that the client `key` signs with (private_key_jwt).
const clientKey = JSON.parse(process.env.CLIENT_KEY);

const provider = new Provider(issuer, {
  clients: [
    {
      ...client('key', { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256' }),
      client_secret: undefined, jwks: { keys: [clientKey] },
    },
    client('basic', { token_endpoint_auth_method: 'client_secret_basic' }),
    client('post', { token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: 'ES256' }),
  ],
  jwks: { keys: [signingKey('RS256'), signingKey('ES256')] },
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (ctx, sub, { clientId }) => createHash('sha256').update(`${clientId} ${sub} salt`).digest('hex'),
  pkce: { required: () => true },
  acrValues: ['urn:test:substantial', 'urn:test:low'],
  claims: {
    openid: ['sub', 'acr', 'vot'], profile: ['name', 'given_name', 'family_name', 'birthdate'], checked: ['verified_claims'],
  },
  scopes: ['openid', 'checked'],
  features: { devInteractions: { enabled: false }, userinfo: { enabled: true }, claimsParameter: { enabled: true } },
  cookies: { keys: ['a key of the tests'] },
  ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, AuthorizationCode: 60, IdToken: 600 },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(ctx, id) {
    const [given = '', ...rest] = (people.get(id) ?? '').split(' ');
    const said = { name: people.get(id), given_name: given, family_name: rest.join(' '), birthdate: '1971-02-03' };
    // What the person typed stands beside what was checked, in one list, as OpenID Identity Assurance has it.
    const verified = [
      { verification: { trust_framework: 'self_asserted' }, claims: { given_name: 'Countess', family_name: 'Self' } },
      {
        verification: { trust_framework: 'eidas', assurance_level: 'high' },
        claims: { given_name: given, family_name: rest.join(' ') },
      },
    ];
    return { accountId: id, claims: async () => ({ sub: id, ...said, vot: 'Cl.Cm.P2', verified_claims: verified }) };
  },
});

const page = (uid) => `<!doctype html><html lang="en"><title>Test provider</title><h1>Test identity provider</h1>
<form method="post" action="/interaction/${uid}">
<label>Account <input name="account" required></label> <label>Name <input name="name" required></label>
<label>Level <input name="acr" value="urn:test:substantial"></label>
<button>Yes, this is me</button> <button name="refuse" value="yes" formnovalidate>Do not tell them</button></form>`;

async function form(req) {
  let body = '';
  for await (const part of req) body += part;
  return new URLSearchParams(body);
}

async function grantFor(details, accountId) {
  const grant = new provider.Grant({ accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  grant.addOIDCClaims(['name', 'given_name', 'family_name', 'birthdate', 'acr', 'vot', 'verified_claims']);
  return grant.save();
}

provider.use(async (ctx, next) => {
  const found = /^\/interaction\/([\w-]+)$/.exec(ctx.path);
  if (!found) return next();
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    ctx.type = 'html';
    ctx.body = page(found[1]);
    return undefined;
  }
  const said = await form(ctx.req);
  let result = { error: 'access_denied', error_description: 'The person said no' };
  if (!said.get('refuse')) {
    people.set(said.get('account'), said.get('name'));
    result = {
      login: { accountId: said.get('account'), acr: said.get('acr') ?? undefined },
      consent: { grantId: await grantFor(details, said.get('account')) },
    };
  }
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  ctx.status = 303;
  return undefined;
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
