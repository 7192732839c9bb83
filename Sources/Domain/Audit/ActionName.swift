/// The names of actions in the action log, all of them. A test holds that every `ActionLog.append` uses one of these; pages translate them.
public enum ActionName {
  /// By thing, in the order in which pages offer them.
  public static let all: [String] = sessions + accounts + firm + chat + documents + oversight + months

  private static let sessions = [
    "session.start", "session.refuse", "session.end", "session.end_all", "session.limit", "second_factor.begin",
    "second_factor.enable",
    "second_factor.disable", "second_factor.recovery", "second_factor.remove", "second_factor.refuse", "access.refuse",
  ]
  private static let accounts = [
    "account.create", "account.update", "account.password", "account.export", "user.create", "membership.create",
    "membership.delete", "invitation.create", "invitation.use", "invitation.revoke", "reset_link.create", "reset_link.revoke",
    "notice.acknowledge", "notification.read",
  ]
  private static let firm = [
    "department.create", "department.update", "department.delete", "department.restore", "organisation.create",
    "organisation.update",
    "organisation.close",
    "organisation.export", "assignment.create", "assignment.delete", "assignment.plan", "assignment.move", "settings.update",
    "calendar.update",
  ]
  private static let chat = [
    "message.edit", "message.delete", "message.redact", "case.close", "case.reopen", "case.rate", "case.pause", "case.resume",
    "document.mark", "topic.join", "topic.leave", "erasure.create", "erasure.confirm", "erasure.refuse", "legal_hold.create",
    "legal_hold.delete",
  ]
  private static let documents = ["document.upload", "document.view", "document.download"]
  private static let oversight = [
    "observation.start", "observation.end", "observation.acknowledge", "observation.report", "action_log.export", "audit.export",
    "audit.verify", "root.make", "file.retire", "file.remove",
  ]
  private static let months = [
    "bonus.update", "bonus.export", "salary.update", "kpi.export", "month.close", "month.export", "contest.create",
    "contest.answer",
  ]
}

extension EntryKind {
  /// The action that a row of this kind is in the action log; nil for those that the topic's own log tells well enough.
  public var actionName: String? {
    switch self {
    case .edit: "message.edit"
    case .delete: "message.delete"
    case .redact: "message.redact"
    case .close: "case.close"
    case .reopen: "case.reopen"
    case .rate: "case.rate"
    case .documentState: "document.mark"
    case .pause: "case.pause"
    case .resume: "case.resume"
    default: nil
    }
  }
}
