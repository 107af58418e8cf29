import { t } from "../text";

/** The body of an RFC 9457 answer, with whatever facts the error carries. */
export interface ProblemBody {
  type?: string;
  title?: string;
  status: number;
  code: string;
  detail?: string;
  request_id?: string;
  errors?: { field: string; reason: string }[];
  [fact: string]: unknown;
}

/** A refusal by the server. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly facts: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail || body.title || t("problem.unknown"));
    this.status = body.status;
    this.code = body.code;
    this.requestId = body.request_id ?? "";
    this.facts = body;
  }

  /** The message for one field of a form, if the server named that field. */
  field(name: string): string | undefined {
    return this.facts.errors?.find(({ field }) => field.split(".").at(-1) === name)?.reason;
  }
}

/** No answer came: whether the server acted is unknown. */
export class NoAnswer extends Error {
  constructor() {
    super(t("problem.no_answer"));
  }
}

export async function readProblem(response: Response): Promise<Problem> {
  const requestId = response.headers.get("X-Request-ID") ?? "";
  try {
    const body = (await response.json()) as Partial<ProblemBody>;
    return new Problem({ request_id: requestId, code: "unknown", ...body, status: response.status });
  } catch {
    return new Problem({ status: response.status, code: "unreadable", request_id: requestId, detail: t("problem.unreadable", { status: response.status }) });
  }
}

/** One sentence for any thrown thing. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
