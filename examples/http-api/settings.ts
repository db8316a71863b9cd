/** The address of the payments API. */
export const paymentsUrl = process.env.PAYMENTS_URL ?? 'http://127.0.0.1:8090'
