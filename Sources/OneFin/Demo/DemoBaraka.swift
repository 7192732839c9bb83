/// What was said with Baraka Savdo, a trading house: in Uzbek, with Nodira (money, contracts, invoices) and Olga (papers for goods).
enum DemoBaraka {
  static let bank = """
    -6 09:14 | sardor | send a | Assalomu alaykum, Nodira opa! “Orient Trade” MChJga 48 600 000 soʻm oʻtkazishimiz kerak, 14-sonli shartnoma boʻyicha. Bugun ulgurarmikanmiz?
    -6 09:21 | nodira | reply a holding | Vaalaykum assalom, Sardor aka. Hisobraqamdagi qoldiqni koʻrib, 15 daqiqada javob beraman.
    -6 09:38 | nodira | reply a | Qoldiq 61 240 000 soʻm, yetadi. Toʻlov topshiriqnomasini tayyorladim: № 212, 48 600 000 soʻm, QQS 12 % bilan. Bank-klientda imzolaysiz.
    -6 09:52 | sardor | send | Imzoladim.
    -6 10:30 | nodira | send | Toʻlov oʻtdi, soat 10:26 da. Tasdiqnomasi bank-klientda turibdi.
    -6 10:34 | sardor | send | Rahmat, tez boʻldi 👍
    -6 10:40 | nodira | close |
    -6 11:05 | sardor | rate 5 | Har doimgidek tez va aniq.
    -4 14:02 | malika | send b | Nodira opa, ish haqi uchun pul qachon yechiladi? Xodimlar soʻrayapti.
    -4 14:20 | nodira | send c | Avans roʻyxati tayyor: 12 kishi, jami 31 450 000 soʻm. Soliqlari bilan 38 019 000 soʻm boʻladi.
    -4 14:26 | nodira | edit c | Avans roʻyxati tayyor: 12 kishi, jami 31 450 000 soʻm. Soliqlari bilan 39 312 500 soʻm boʻladi.
    -4 14:27 | nodira | send | Summani tuzatdim: ijtimoiy soliqni eski stavkada hisoblab qoʻygan ekanman.
    -4 14:45 | malika | reply c | Tushunarli. Ertaga soat 10 gacha karta boʻyicha oʻtkazsangiz boʻladimi?
    -4 14:51 | nodira | send | Ha, ertaga 09:30 da yuboraman.
    -3 09:33 | nodira | send | Avans yuborildi, 12 ta karta, 31 450 000 soʻm.
    -3 09:58 | malika | send | Hammaga tushdi, rahmat.
    -1 16:10 | sardor | send d | Mijozdan 22 000 000 soʻm naqd tushdi, kassaga kirim qilish kerak. Chek ham bor.
    -1 16:31 | nodira | reply d | Kirim orderini ochdim, № 87. Chekning rasmini ham shu yerga tashlab qoʻying, iltimos.
    now-46 | sardor | send e | Yana bitta savol: “Orient Trade” ortiqcha oʻtkazilgan 600 000 soʻmni qaytarmoqchi, xat kerak ekan.
    now-9 | sardor | send | Xatning namunasi bormi sizda?
    """

  static let dogovor = """
    -5 10:05 | malika | send a | Yangi ijara shartnomasi keldi: Chilonzor, 9-kvartal, 84 kv.m, oyiga 12 000 000 soʻm. Koʻrib bera olasizmi?
    -5 10:12 | nodira | reply a holding | Albatta, tushgacha oʻqib chiqaman.
    -5 11:48 | nodira | send b | Oʻqidim. Uchta izoh: 3.2-bandda QQS koʻrsatilmagan, 5.1-bandda muddat 11 oy deyilgan (12 oy boʻlsa davlat roʻyxatidan oʻtkazish kerak), rekvizitlarda STIR notoʻgʻri.
    -5 12:03 | malika | reply b | STIRimiz 301 482 967 boʻlishi kerak. Ularga aytaman, tuzatib yuborishadi.
    -5 15:40 | malika | send | Tuzatilgan variant keldi, hammasi joyida.
    -5 16:05 | nodira | send | Koʻrdim, endi imzolasangiz boʻladi. E-imzo bilan ham, qogʻozda ham kuchga ega.
    -5 16:10 | nodira | close |
    -4 09:20 | malika | rate 4 | Yaxshi, faqat tushgacha kutishga toʻgʻri keldi.
    -2 11:15 | sardor | send c | “Orient Trade” bilan 14-sonli shartnomani kelasi yilga uzaytirmoqchimiz. Qoʻshimcha kelishuv yetadimi?
    -2 11:42 | nodira | reply c | Yetadi. Qoʻshimcha kelishuv № 2 loyihasini tayyorladim: muddat 31.12.2027 gacha, narxlar ilovaga muvofiq.
    -2 12:20 | sardor | send | Zoʻr. Direktorlariga yubordim.
    -2 12:26 | nodira | send | Yaxshi, imzolangan nusxasini kutaman.
    """

  static let faktura = """
    -4 11:30 | sardor | send a | Kecha “Mega Market”ga 320 quti yogʻ joʻnatdik, 28 800 000 soʻm. Faktura qilish kerak.
    -4 11:37 | nodira | reply a | Hisob-faktura № 418 yuborildi: 320 quti × 90 000 soʻm, QQS bilan. Xaridorning STIRi 305 119 842.
    -4 13:05 | sardor | send | Ular qabul qilmayapti, miqdor notoʻgʻri deyishyapti.
    -4 13:09 | sardor | send b | Toʻgʻri, 320 emas 312 quti ekan, 8 tasi qaytgan.
    -4 13:25 | nodira | reply b | Tushunarli. № 418 ni bekor qilib, tuzatilganini № 419 bilan yubordim: 312 quti, 28 080 000 soʻm.
    -4 15:02 | sardor | send | Qabul qilishdi ✅
    -4 15:10 | nodira | close |
    -4 15:30 | malika | rate 5 |
    -1 10:02 | malika | send c | Nodira opa, oktabr oyi uchun “Mega Market” bilan solishtirma dalolatnoma soʻrashyapti.
    -1 10:19 | nodira | reply c | Dalolatnoma tayyor: qarzdorlik 14 260 000 soʻm, ular foydasiga emas. Imzolab yuboring.
    now-118 | malika | send d | Imzoladik. Lekin ular 14 000 000 deyishyapti, 260 ming farq bor.
    now-95 | nodira | reply d holding | Koʻrib chiqaman, menimcha bu yetkazib berish xarajati.
    """

  static let dovernost = """
    -3 10:40 | malika | send a | Ishonchnoma kerak: Toshpoʻlatov Aziz Rustamovich, pasport AD 4471203. “Orient Trade” omboridan 5 tonna un oladi.
    -3 10:58 | olga | send b | Доверенность № 33 готова, срок до конца месяца. Отправила на подпись директору.
    -3 11:10 | malika | reply b | Rahmat, Olga. Summasi ham yozilganmi? 42 500 000 soʻm.
    -3 11:14 | olga | send | Да, сумма и количество указаны.
    -3 11:40 | olga | close |
    -3 12:15 | malika | rate 5 | Rahmat!
    -1 15:20 | sardor | send c | Aziz kasal boʻlib qoldi, oʻrniga Sobirov Jahongir borsa boʻladimi?
    -1 15:31 | olga | reply c | Нужна новая доверенность, старую отзываем. Пришлите паспортные данные Жахонгира, пожалуйста.
    -1 15:44 | sardor | send d | Sobirov Jahongir Anvarovich, AC 2290417, 14.03.2019 da berilgan.
    -1 15:46 | sardor | delete d |
    -1 15:47 | sardor | send | Sobirov Jahongir Anvarovich, AC 2290471, 14.03.2019 da berilgan. Oldingisida raqam xato edi.
    -1 16:20 | olga | send | Готово: доверенность № 34, № 33 отозвана.
    """

  static let ttn = """
    -2 09:10 | sardor | send a | Bugun Samarqandga mashina ketyapti: 10 A 482 BA, haydovchi Ergashev Botir. TTN kerak, 320 quti.
    -2 09:24 | olga | reply a holding | Приняла, готовлю.
    -2 09:47 | olga | send b | ТТН № 1107 готова: 320 коробок, 3 840 кг, Ташкент → Самарканд. Водитель подписывает в приложении.
    -2 10:02 | sardor | reply b | Haydovchi imzoladi, yoʻlga chiqdi.
    -2 17:35 | sardor | send | Samarqandda qabul qilishdi, 8 quti qaytdi.
    -2 17:50 | olga | send | Хорошо, возврат оформлю актом.
    now-31 | sardor | send c | Ertaga yana bitta reys bor, oʻsha mashina. 280 quti. TTNni ertalab 8 gacha tayyorlab berasizmi?
    """
}
