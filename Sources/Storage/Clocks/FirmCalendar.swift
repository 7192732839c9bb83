public import Domain

/// When the firm works, as the setting `calendar` says it: the shifts of an ordinary week, and the days of single years that differ.
///
/// A year that nobody has set yet has the holidays of `Holidays`; one that was set has exactly its days. Every version is kept, and the newest
/// counts for all that isn't frozen.
public struct FirmCalendar: Sendable, Hashable {
  /// The setting's name in the database.
  public static let name = "calendar"
  /// The years that a calendar tells of; days of others are ordinary ones, or holidays nobody looks at.
  public static let years = 2020...2060
  /// The most shifts of a day.
  public static let maximumShifts = 6
  /// The most days of a year that differ.
  public static let maximumDays = 120

  /// A day that isn't like others of its weekday.
  public struct Day: Sendable, Hashable {
    /// When.
    public var date: LocalDate
    /// Its shifts; none: nobody works.
    public var shifts: [WorkShift]
    /// What it is: a word of `Holidays`, or whatever the admin wrote.
    public var name: String
    /// Whether the day is only the likely one.
    public var isApproximate: Bool

    /// A day.
    public init(date: LocalDate, shifts: [WorkShift], name: String, isApproximate: Bool = false) {
      (self.date, self.shifts, self.name, self.isApproximate) = (date, shifts, name, isApproximate)
    }
  }

  /// Which version of the setting this is; 0: it was never set.
  public var version: Int32
  /// The shifts of an ordinary week, Monday first: seven lists.
  public var weekly: [[WorkShift]]
  /// The days that differ, of each year that was set.
  public var exceptions: [Int: [Day]]

  /// A calendar.
  public init(version: Int32, weekly: [[WorkShift]], exceptions: [Int: [Day]]) {
    (self.version, self.weekly, self.exceptions) = (version, weekly, exceptions)
  }

  /// What counts until somebody sets something else.
  public static let initial = FirmCalendar(version: 0, weekly: WorkCalendar.standard.weekly, exceptions: [:])

  /// Whether a year has been set.
  public func isSet(_ year: Int) -> Bool { exceptions[year] != nil }

  /// The days of a year that differ, in order.
  public func days(of year: Int) -> [Day] {
    exceptions[year]
      ?? Holidays.days(of: year).map { Day(date: $0.date, shifts: [], name: $0.name, isApproximate: $0.isApproximate) }
  }

  /// What computes with it.
  public var calendar: WorkCalendar {
    var shifts: [LocalDate: [WorkShift]] = [:]
    for year in Self.years { for day in days(of: year) { shifts[day.date] = day.shifts } }
    return WorkCalendar(weekly: weekly, exceptions: shifts)
  }

  /// The newest version. Throws: `DatabaseError`.
  public static func read(in session: Session) throws -> FirmCalendar {
    let row = try session.row(
      """
      SELECT version, ARRAY(SELECT (n - 1)::integer FROM jsonb_array_elements(value->'weekly') WITH ORDINALITY AS d (shifts, n),
                                   jsonb_array_elements_text(d.shifts) s ORDER BY n, s),
             ARRAY(SELECT s FROM jsonb_array_elements(value->'weekly') WITH ORDINALITY AS d (shifts, n),
                                 jsonb_array_elements_text(d.shifts) s ORDER BY n, s),
             ARRAY(SELECT CAST(k AS integer) FROM jsonb_object_keys(value->'years') k ORDER BY k)
        FROM setting WHERE name = \(name)
      """)
    guard let row else { return initial }
    var calendar = FirmCalendar(version: try row.decode(at: 0), weekly: Array(repeating: [], count: 7), exceptions: [:])
    let (weekdays, shifts): ([Int32], [String]) = (try row.decode(at: 1), try row.decode(at: 2))
    for (weekday, text) in zip(weekdays, shifts) {
      guard (0..<7).contains(weekday), let shift = WorkShift(text) else { continue }
      calendar.weekly[Int(weekday)].append(shift)
    }
    for year in try row.decode(at: 3, as: [Int32].self) { calendar.exceptions[Int(year)] = [] }
    let days = try session.result(
      """
      SELECT CAST(y.key AS integer), d.value->>'date', coalesce(d.value->>'name', ''), coalesce((d.value->>'approximate')::boolean, false),
             ARRAY(SELECT s FROM jsonb_array_elements_text(d.value->'shifts') s ORDER BY s)
        FROM setting, jsonb_each(value->'years') y, jsonb_array_elements(y.value) d WHERE name = \(name) ORDER BY 2
      """)
    for row in days {
      guard let date = LocalDate(try row.decode(at: 1, as: String.self)) else { continue }
      calendar.exceptions[Int(try row.decode(at: 0, as: Int32.self)), default: []].append(
        Day(
          date: date, shifts: try row.decode(at: 4, as: [String].self).compactMap { WorkShift($0) }, name: try row.decode(at: 2),
          isApproximate: try row.decode(at: 3)))
    }
    return calendar
  }

  /// Adds these values as the version after `version`. False when somebody else has added one. Throws: `DatabaseError`.
  public func write(by account: AccountID, in session: Session) throws -> Bool {
    func list(_ shifts: [WorkShift]) -> String { "[" + shifts.map { JSONText.quoted($0.text) }.joined(separator: ",") + "]" }
    let years = exceptions.sorted { $0.key < $1.key }.map { year, days in
      let days = days.map {
        """
        {"date":"\($0.date)","name":\(JSONText.quoted($0.name)),"shifts":\(list($0.shifts)),"approximate":\($0.isApproximate)}
        """
      }
      return "\"\(year)\":[\(days.joined(separator: ","))]"
    }
    return try Settings.write(
      Self.name, json: "{\"weekly\":[\(weekly.map(list).joined(separator: ","))],\"years\":{\(years.joined(separator: ","))}}",
      after: version, by: account, in: session)
  }
}
