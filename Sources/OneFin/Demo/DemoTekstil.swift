/// What was said with Toshkent Tekstil, a sewing factory: two owners, one writes Uzbek and one Russian; with Jasur.
enum DemoTekstil {
  static let bank = """
    -4 10:10 | shoxruh | send a | Jasur, eksport tushumi keldi: 38 400 USD. Majburiy sotish kerakmi hozir?
    -4 10:28 | jasur | reply a | Yoʻq, majburiy sotish bekor qilingan. Xohlasangiz, bir qismini soʻmga aylantiramiz: kurs 12 640.
    -4 10:41 | irina | reply a | Нам к пятнице нужно 180 млн сум на зарплату, продайте 15 000 USD.
    -4 11:02 | jasur | send b | Ariza tayyor: 15 000 USD, taxminan 189 600 000 soʻm. Imzolab yuboring.
    -4 11:20 | irina | reply b | Подписала.
    -4 15:05 | jasur | send | Sotildi: 12 645 kurs, 189 675 000 soʻm tushdi.
    -4 15:15 | jasur | close |
    -4 17:40 | irina | rate 5 | Быстро, спасибо.
    -1 09:15 | irina | send c | Налоги за октябрь: пришлите, пожалуйста, суммы.
    -1 09:48 | jasur | reply c | НДС 41 870 000, социальный налог 23 510 000, НДФЛ 15 020 000 сум. Срок до 20-го, платёжки готовы.
    -1 10:05 | irina | send | Оплачу сегодня.
    now-52 | irina | send d | НДС прошёл, а социальный вернулся: «неверный код бюджета».
    """

  static let dogovor = """
    -5 13:30 | shoxruh | send a | Turkiyalik xaridor bilan eksport shartnomasi: 12 000 dona futbolka, 3,2 USD dan. Inkoterms FCA Toshkent. Roʻyxatdan oʻtkazish kerakmi?
    -5 13:52 | jasur | reply a | Ha, YEISVOga kiritamiz. Skanini va ilovalarini yuboring, men kiritaman.
    -5 14:20 | shoxruh | send | Yubordim, pochtangizga.
    -5 16:35 | jasur | send | Kiritildi, identifikatsiya raqami 260 114 7785.
    -5 16:40 | jasur | close |
    -4 10:00 | shoxruh | send b | Bitta narsani unutibmiz: yetkazish muddati 45 kun emas, 60 kun boʻlishi kerak.
    -4 10:22 | jasur | reply b | Qoʻshimcha kelishuv № 1 kerak boʻladi. Loyihasini tayyorladim, xaridorga yuboring.
    -3 12:10 | shoxruh | send | Imzoladilar. Rahmat!
    -3 12:30 | jasur | close |
    -3 12:50 | shoxruh | rate 4 | Muddatni boshida soʻraganingizda yaxshi boʻlardi.
    """

  static let faktura = """
    -2 15:10 | irina | send a | Просим счёт-фактуру на услуги раскроя для «Nur Fashion»: 6 800 м, 34 000 000 сум.
    -2 15:29 | jasur | reply a | Отправлена, № 92.
    -2 15:40 | jasur | send b | В № 92 ошибся в единице: метры вместо кв. метров.
    -2 15:52 | irina | reply b | У нас в договоре погонные метры, так что всё верно.
    -2 15:58 | jasur | edit b | Проверил № 92: погонные метры, как в договоре.
    -1 12:15 | irina | send | «Nur Fashion» приняли.
    -1 12:22 | jasur | send | Отлично, тогда закрываю.
    -1 12:23 | jasur | close |
    """

  static let dovernost = """
    -3 09:20 | shoxruh | send a | Bojxonadan yuk olish uchun ishonchnoma: Ismoilov Farrux, AC 5518320. Ip-kalava, 4 200 kg.
    -3 09:41 | jasur | reply a | Ishonchnoma № 45 tayyor, muddati 30 kun.
    -3 09:55 | shoxruh | send | Rahmat.
    -3 10:00 | jasur | close |
    -3 10:30 | shoxruh | rate 5 |
    """

  static let ttn = """
    -2 08:30 | shoxruh | send a | “Nur Fashion”ga mato ketyapti, 6 800 metr, 01 H 221 EA. TTN iltimos.
    -2 08:44 | jasur | reply a | № 310 tayyor.
    -2 08:50 | jasur | close |
    -2 09:29 | shoxruh | reopen |
    -2 09:30 | shoxruh | send b | Kechirasiz, qayta ochdim: haydovchi TTNda telefon raqami xato deyapti. Tuzatib bering, iltimos.
    -2 09:41 | jasur | reply b | Tuzatdim: № 310/1.
    -2 09:50 | shoxruh | send | Boʻldi, ketdi.
    now-205 | irina | send c | На следующей неделе отгрузка в Турцию: CMR тоже вы готовите?
    now-188 | jasur | reply c | Да, CMR и ТТН до склада делаем мы. Пришлите упаковочный лист.
    """
}
