import { accessOf } from './access.ts';
import type { ServerContext } from './context.ts';
import { forbidden, methodNotAllowed } from './errors.ts';
import { handlePatch } from './patch.ts';
import { handleGet, handleList } from './read.ts';
import { handleDelete, handleDeleteCollection } from './remove.ts';
import type { Reply } from './reply.ts';
import type { ApiRequest, ResourceRequest } from './request.ts';
import { subresourceHandler } from './subresources.ts';
import type { User } from './users.ts';
import { handleCreate, handleUpdate } from './write.ts';

/** Throws 403 when the user may not do what the request asks for. */
export function checkAccess(target: ResourceRequest, user: User): void {
  const access = accessOf(target);
  if (user.may(access)) return;
  const { verb, resource, subresource, namespace } = access;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const why = `User "${user.name}" cannot ${verb} resource "${what}" in API group "${access.group}" ${where}`;
  throw forbidden(target.resource, target.name ?? '', why);
}

/** Answers a request to a resource; watches go their own way. */
export async function handleResource(request: ApiRequest, context: ServerContext): Promise<Reply> {
  const { subresource } = request;
  const special = subresource === undefined ? undefined : subresourceHandler(subresource);
  if (special !== undefined) return special(request, context);
  switch (request.verb) {
    case 'get':
      return handleGet(request, context);
    case 'list':
      return handleList(request, context);
    case 'update':
      return handleUpdate(request, context);
    case 'patch':
      return handlePatch(request, context);
    default:
      return handleWholeObject(request, context);
  }
}

function handleWholeObject(request: ApiRequest, context: ServerContext): Reply {
  if (request.subresource !== undefined) throw methodNotAllowed();
  switch (request.verb) {
    case 'create':
      if (request.name !== undefined) throw methodNotAllowed();
      return handleCreate(request, context);
    case 'delete':
      return handleDelete(request, context);
    case 'deletecollection':
      return handleDeleteCollection(request, context);
    default:
      throw methodNotAllowed();
  }
}
