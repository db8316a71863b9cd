import type { Middleware } from 'koa'
import helmet from 'koa-helmet'

/**
 * For every answer of ours. An answer is data, and no page: pages and elements say themselves what they need. HSTS is
 * left to whoever ends TLS, since it is for the whole host, and so is in which process a browser puts it. What only
 * documents, browsers of old or Flash obey is left out: ten thousand streams keep their headers in memory.
 */
export function protect(): Middleware {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  })
}
