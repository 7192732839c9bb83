/** The shortest password that the server takes (characters). */
export const shortestPassword = 10

/** +998 90 123 45 67 is the login 998901234567 however it is grouped; other logins only lose their case and outer spaces. */
export function normaliseLogin(typed: string): string {
  const login = typed.trim().toLowerCase()
  return /^\+?[\d\s()-]{7,}$/.test(login) ? login.replace(/[^\d]/g, "") : login
}
