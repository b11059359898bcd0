/** Who sits here: signing in and out, second factors, roles, accounts. */
import { ask, post, remove } from './http';
import type {
  AccountChange,
  AccountGiven,
  AccountNew,
  Accounts,
  PasskeyOptions,
  RecoveryCodes,
  SessionNow,
  TokenGiven,
  TokenNew,
  TotpKey,
} from './types';

const id = encodeURIComponent;
const SESSION = '/api/session';
export const SINGLE_SIGN_ON = `${SESSION}/sso`;

export const getSession = (): Promise<SessionNow> => ask(SESSION);
export const signIn = (login: string, password: string): Promise<SessionNow> => post(SESSION, { login, password });
export const showCode = (code: string): Promise<SessionNow> => post(`${SESSION}/second-factor`, { code });
export const changeRole = (role: string): Promise<SessionNow> => post(`${SESSION}/role`, { role });
export const signOut = (): Promise<unknown> => remove(SESSION);

export const setUpFirst = (given: { link: string; login: string; password: string; office: string }): Promise<SessionNow> =>
  post('/api/first-account', given);
export const setPassword = (link: string, password: string): Promise<SessionNow> => post('/api/password', { link, password });

// One's own account. What is weighty wants the password again.

export const changePassword = (password: string, next: string): Promise<SessionNow> =>
  post(`${SESSION}/password`, { password, new_password: next });
export const beginTotp = (password: string): Promise<TotpKey> => post(`${SESSION}/totp`, { password });
export const confirmTotp = (code: string): Promise<RecoveryCodes> => post(`${SESSION}/totp/confirm`, { code });
export const renewCodes = (password: string): Promise<RecoveryCodes> => post(`${SESSION}/recovery-codes`, { password });
export const removeFactors = (password: string): Promise<SessionNow> => post(`${SESSION}/second-factors/remove`, { password });

// Passkeys: the desk makes the challenge and checks the answer, the browser asks its authenticator.

const PASSKEY = `${SESSION}/passkey`;

export const hasPasskeys = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** Show a passkey in place of a code. Throws DOMException where a person says no. */
export async function showPasskey(): Promise<SessionNow> {
  const { options } = await post<PasskeyOptions>(`${PASSKEY}/options`, {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  return post(PASSKEY, { credential: credential?.toJSON() ?? {} });
}

/** Register another passkey for whoever is signed in. Throws DOMException where a person says no. */
export async function addPasskey(password: string, title: string): Promise<RecoveryCodes> {
  const { options } = await post<PasskeyOptions>(`${PASSKEY}/register/options`, { password });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
  return post(`${PASSKEY}/register`, { credential: credential?.toJSON() ?? {}, title });
}

// Accounts of others.

export const listAccounts = (): Promise<Accounts> => ask('/api/accounts');
export const addAccount = (given: AccountNew): Promise<AccountGiven> => post('/api/accounts', given);
export const changeAccount = (account: string, change: Partial<AccountChange>): Promise<AccountGiven> =>
  post(`/api/accounts/${id(account)}`, change);
export const giveToken = (account: string, given: TokenNew): Promise<TokenGiven> => post(`/api/accounts/${id(account)}/tokens`, given);
