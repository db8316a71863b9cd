/** Where the payments API is. */
export const paymentsUrl = process.env.PAYMENTS_URL ?? 'http://127.0.0.1:8090'
