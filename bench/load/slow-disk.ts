/** Settings of Postgres with which every flush of the log waits 2.5 ms, whatever else is active: a slow disk. */
export const SLOW_DISK = { commit_delay: 2_500, commit_siblings: 0 }
