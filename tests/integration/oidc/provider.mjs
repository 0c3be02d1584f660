// A real OpenID provider for the tests: oidc-provider on a free port of this machine, with keys,
// clients and accounts in memory. Nothing here is a secret of anything.
//
// BUURTPEIL_OIDC_PROVIDER: folder that has node_modules with oidc-provider.
// PAGINA: address of the page that logs in here.
// ID_TOKEN: "vol" puts the roles in the id token; otherwise they are at userinfo.
//
// Prints the issuer. POST /_proef/nieuwe-sleutels replaces the signing keys.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const thuis = createRequire(path.join(process.env.BUURTPEIL_OIDC_PROVIDER, 'package.json'));
const { default: Provider } = await import(pathToFileURL(thuis.resolve('oidc-provider')).href);

const PAGINA = process.env.PAGINA ?? 'http://127.0.0.1:1';
const ROLLEN = {
  anna: ['SBL.Lezer'],
  bo: ['SBL.Wijkbeheer', 'Iets.Anders'],
  cas: ['Iets.Anders'],
  dirk: 'SBL.Lezer',
};

function makeKeys() {
  const soorten = [['rsa', { modulusLength: 2048 }, 'RS256'], ['ec', { namedCurve: 'P-256' }, 'ES256'], ['ed25519', {}, 'EdDSA']];
  return soorten.map(([soort, keuze, alg]) => ({
    ...generateKeyPairSync(soort, keuze).privateKey.export({ format: 'jwk' }),
    alg, use: 'sig', kid: randomBytes(8).toString('hex'),
  }));
}

// One client per role, for programs: what they may do is in their name.
const programma = (naam, roles, alg = 'RS256') => ({ client_id: naam, roles, alg });
const PROGRAMMAS = [
  ...JSON.parse(process.env.ROLNAMEN ?? '[]').map((naam) => programma(`p-${naam}`, [`SBL.${naam}`])),
  programma('p-es256', ['SBL.lezer'], 'ES256'),
  programma('p-eddsa', ['SBL.lezer'], 'EdDSA'),
  programma('p-zonder', undefined),
  programma('p-vreemd', ['SBL.directie']),
  programma('p-tekst', 'SBL.lezer'),
  programma('p-voorwerp', [{ name: 'SBL.lezer' }, 'SBL.lezer']),
  programma('p-letters', ['sbl.lezer', ' SBL.lezer', 'SBL.lezer ', 'SBL.LEZER', 'lezer']),
];

let issuer;
function makeProvider() {
  return new Provider(issuer, {
    jwks: { keys: makeKeys() },
    clients: [
      {
        client_id: 'pagina', client_secret: 'g:e/h e+i%m', redirect_uris: [`${PAGINA}/aanmelden/terug`],
        post_logout_redirect_uris: [`${PAGINA}/`], grant_types: ['authorization_code'], response_types: ['code'],
      },
      ...PROGRAMMAS.map(({ client_id }) => ({
        client_id, client_secret: 'proef', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
      })),
    ],
    scopes: ['openid', 'lezen'],
    claims: { openid: ['sub', 'roles', 'naam'] },
    conformIdTokenClaims: process.env.ID_TOKEN !== 'vol',
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    findAccount: (ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, naam: `Naam van ${id}`, roles: ROLLEN[id] }),
    }),
    extraTokenClaims: (ctx, token) => {
      const wie = PROGRAMMAS.find(({ client_id }) => client_id === token.clientId);
      return { roles: wie ? wie.roles : ROLLEN[token.accountId] };
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        // The package's own page asks for a font elsewhere.
        logoutSource: (ctx, vorm) => {
          ctx.body = `<!doctype html><html lang="en"><title>Provider</title><h1>Log out?</h1>${vorm}`
            + '<button form="op.logoutForm" name="logout" value="yes">Log out</button></html>';
        },
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (ctx, aud, client) => ({
          audience: aud, scope: 'lezen', accessTokenFormat: 'jwt', accessTokenTTL: 300,
          jwt: { sign: { alg: PROGRAMMAS.find((p) => p.client_id === client.clientId)?.alg ?? 'RS256' } },
        }),
      },
    },
    interactions: { url: (ctx, interactie) => `/inloggen/${interactie.uid}` },
  });
}

// Logging in: a name and no password; being asked for consent is answered with yes.
async function interact(provider, req, res) {
  const { prompt, params, session } = await provider.interactionDetails(req, res);
  if (prompt.name === 'login' && req.method === 'GET') {
    res.setHeader('content-type', 'text/html');
    return res.end('<!doctype html><html lang="en"><title>Provider</title><h1>Provider</h1><form method="post">'
      + '<label>Name <input name="login"></label> <button>Log in</button></form></html>');
  }
  if (prompt.name === 'login') {
    const delen = [];
    for await (const deel of req) delen.push(deel);
    const accountId = new URLSearchParams(Buffer.concat(delen).toString()).get('login');
    if (accountId === 'weiger') {
      return provider.interactionFinished(req, res, { error: 'access_denied', error_description: '<b>nee</b>' });
    }
    return provider.interactionFinished(req, res, { login: { accountId } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid');
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

let provider;
let handler;
const server = createServer((req, res) => {
  if (req.url === '/_proef/nieuwe-sleutels' && req.method === 'POST') {
    provider = makeProvider();
    handler = provider.callback();
    return res.end('ok');
  }
  if (req.url.startsWith('/inloggen/')) {
    return interact(provider, req, res).catch((fout) => { res.statusCode = 500; res.end(String(fout)); });
  }
  return handler(req, res);
});
console.warn = () => {};
console.info = () => {};
server.listen(Number(process.env.POORT ?? 0), '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  provider = makeProvider();
  handler = provider.callback();
  process.stdout.write(`${issuer}\n`);
});
// Whoever started this and went away takes it along.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
