/** Who calls Azure, beside the account that the sandbox was made with. */
export interface Principal {
  /** Application id. */
  readonly clientId: string;
  /** Object id, by which roles are assigned. */
  readonly principalId: string;
}
