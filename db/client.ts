import type { QueryConfig, QueryResult, QueryResultRow } from 'pg'

/** Anything that runs a query: a pool, a client, or a transaction's client. */
export interface Db {
  query<R extends QueryResultRow = QueryResultRow>(
    query: string | QueryConfig,
    values?: unknown[],
  ): Promise<QueryResult<R>>
}
