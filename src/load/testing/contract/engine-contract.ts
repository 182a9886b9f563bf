import { answerContract } from './answers.ts';
import { grpcContract } from './grpc.ts';
import { http2Contract } from './http2.ts';
import { requestContract } from './requests.ts';
import type { Subject } from './subject.ts';
import { tlsContract } from './tls.ts';

/** What every engine does alike: the same requests, and of the same answers the same records. */
export function engineContract(name: string, subject: Subject): void {
  describe(`load/contract: ${name}`, () => {
    requestContract(subject);
    answerContract(subject);
    tlsContract(subject);
    if (!subject.http2) return;
    http2Contract(subject);
    grpcContract(subject);
  });
}
