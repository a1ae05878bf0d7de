/** How inputs are told to be the keys of objects: by their type or by their name. */
export const keyTypes = /^(?:ID|UUID|GUID)$/i;
export const keyNames =
  /(?:^|_)(?:id|uuid|guid|key|slug)s?$|(?:I[dD]|U[uU][iI][dD]|Guid|GUID|Key|Slug)s?$/;
