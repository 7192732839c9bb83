import Domain

/// What a batch has to know of waits, for the few items that do more with them than a message does.
extension TopicLog {
  /// The messages that may begin or end a wait in the open case of each topic, should those of `taken` be taken back: all since the last answer
  /// that is not among them. Of very many the first ones: no batch takes back as many as that.
  static func standing(_ topics: [TopicID], without taken: [Int64]) -> SQL {
    """
    SELECT t.id, m.seq, m.staff, m.at
      FROM topic t
      JOIN topic_case c ON c.topic_id = t.id AND c.number = t.case_number AND c.closed_at IS NULL
      CROSS JOIN LATERAL (SELECT coalesce((SELECT a.seq FROM topic_entry a
                                            WHERE a.topic_id = t.id AND a.kind = 1 AND a.staff AND NOT a.holding AND a.seq >= c.opened_seq
                                              AND a.seq <> ALL (\(taken)) AND NOT \(isTakenBack("a"))
                                            ORDER BY a.seq DESC LIMIT 1), c.opened_seq - 1) AS seq) l
      CROSS JOIN LATERAL (SELECT x.seq, x.staff, x.at,
                                 row_number() OVER (ORDER BY x.seq) <= \(Int64(maximumStanding)) OR x.seq = ANY (\(taken)) AS counts
                            FROM topic_entry x
                           WHERE x.topic_id = t.id AND x.kind = 1 AND NOT (x.staff AND x.holding) AND x.seq > l.seq
                             AND NOT \(isTakenBack("x"))) m
     WHERE t.id = ANY (\(topics)) AND m.counts
     ORDER BY t.id, m.seq
    """
  }

  /// The topics of `source`, and when the last word was said in each: a message, a pause and its end, or that the case goes on. Edits, marks and
  /// marks of reading are none. `source` begins with the column `topic`.
  static func words(_ source: SQL) -> SQL {
    """
    SELECT w.topic, (SELECT max(e.at) FROM topic_entry e
                      WHERE e.topic_id = w.topic AND e.kind IN (1, 8, 11, 12)
                        AND e.seq >= (SELECT m.seq FROM topic_entry m WHERE m.topic_id = w.topic AND m.kind = 1 ORDER BY m.seq DESC LIMIT 1)) AS said
      FROM (SELECT \(source)) w
    """
  }

  /// More than the items of a batch: `standing` gives so many messages at most, and those that are to be taken back.
  private static let maximumStanding = 1000

  /// Whether the author took the message back: an answer that was is none, and nobody waits for what was not asked.
  private static func isTakenBack(_ message: SQL) -> SQL {
    "EXISTS (SELECT FROM topic_entry g WHERE g.topic_id = \(message).topic_id AND g.message = \(message).seq AND g.kind = 3)"
  }

  /// Since when a client waited when the newest case of each topic was closed: an answer or a close inside the case ends a wait, and opening the
  /// case again takes the close back.
  static func waits(_ topics: [TopicID]) -> SQL {
    """
    SELECT t.id, c.number,
           (SELECT m.at FROM topic_entry m
             WHERE m.topic_id = t.id AND m.kind = 1 AND NOT m.staff AND m.case_number = c.number AND m.seq >= c.opened_seq
               AND NOT \(isTakenBack("m"))
               AND m.seq > coalesce((SELECT a.seq FROM topic_entry a
                                      WHERE a.topic_id = t.id AND a.kind = 1 AND a.staff AND NOT a.holding AND a.seq >= c.opened_seq
                                        AND a.case_number = c.number AND NOT \(isTakenBack("a")) ORDER BY a.seq DESC LIMIT 1), 0)
             ORDER BY m.seq LIMIT 1)
      FROM topic t JOIN topic_case c ON c.topic_id = t.id AND c.number = t.case_number
     WHERE t.id = ANY (\(topics)) AND c.closed_at IS NOT NULL
    """
  }

  /// Those of `topics` whose clock a pause has stopped: nothing has happened since that ends one.
  static func paused(_ topics: [TopicID]) -> SQL {
    """
    SELECT u.topic FROM unnest(\(topics)) AS u (topic)
      JOIN LATERAL (SELECT p.seq FROM topic_pause p WHERE p.topic_id = u.topic AND p.kind = 11 ORDER BY p.seq DESC LIMIT 1) p
        ON NOT EXISTS (SELECT FROM topic_entry x WHERE x.topic_id = u.topic AND x.seq > p.seq
                        AND (x.kind IN (7, 12) OR x.kind = 1 AND NOT (x.staff AND x.holding)))
    """
  }
}
