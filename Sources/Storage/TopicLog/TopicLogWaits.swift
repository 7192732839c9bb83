import Domain

/// What a batch has to know of waits, for the few items that do more with them than a message does.
extension TopicLog {
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

  /// Those of `topics` in which a pause stands: no client has written since, and no close or end of it has come. An answer ends none: what is wanted
  /// from the client is still wanted, and may still be rejected.
  static func paused(_ topics: [TopicID]) -> SQL {
    """
    SELECT u.topic FROM unnest(\(topics)) AS u (topic)
      JOIN LATERAL (SELECT p.seq FROM topic_pause p WHERE p.topic_id = u.topic AND p.kind = 11 ORDER BY p.seq DESC LIMIT 1) p
        ON NOT EXISTS (SELECT FROM topic_entry x WHERE x.topic_id = u.topic AND x.seq > p.seq
                        AND (x.kind IN (7, 12) OR x.kind = 1 AND NOT x.staff AND x.author_id IS NOT NULL))
    """
  }
}
