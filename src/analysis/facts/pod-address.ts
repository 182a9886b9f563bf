/**
 * Where a pod answers. Networks of several clusters may use the same addresses, each in zones of its own, so an address
 * tells a pod only together with its zone.
 */
export const addressOf = ({ ip, zone }: { readonly ip: string; readonly zone: string }): string => `${ip}\u0000${zone}`;
