/// What was said with Samarqand Non, a bakery: in Uzbek, with Jasur.
enum DemoNon {
  static let bank = """
    -5 09:05 | bahrom | send a | Jasur aka, un uchun toʻlov: “Don Mahsulot” AJ, 75 000 000 soʻm, shartnoma № 7/26.
    -5 09:18 | jasur | reply a | Toʻlov topshiriqnomasi № 96 tayyor. Bankda limit bor, ikki qismga boʻldim: 50 000 000 va 25 000 000.
    -5 09:40 | bahrom | send | Ikkalasini ham imzoladim.
    -5 10:15 | jasur | send | Birinchisi oʻtdi. Ikkinchisi soat 14 dan keyin.
    -5 14:22 | jasur | send | Ikkinchisi ham oʻtdi ✅
    -5 14:30 | jasur | close |
    -5 15:00 | bahrom | rate 5 | Rahmat, boʻlib toʻlash yaxshi fikr edi.
    -2 10:31 | bahrom | send b | Elektr uchun hisob keldi: 9 840 000 soʻm, 25-sanagacha toʻlash kerak.
    -2 10:50 | jasur | reply b | Jadvalga qoʻydim, 24-sanada toʻlaymiz.
    -1 17:05 | bahrom | send c | Bankdan qoʻngʻiroq qilishdi, kredit boʻyicha foiz 20-sanada yechilarkan. Hisobda yetarli pul bormi?
    now-64 | jasur | reply c | Ha, qoldiq 34 115 000 soʻm, foiz 11 200 000 soʻm. Yetadi.
    now-58 | bahrom | send | Xudoga shukur. Rahmat!
    now-41 | jasur | send | Ish kuningiz barakali boʻlsin!
    """

  static let dogovor = """
    -3 14:10 | bahrom | send a | Yangi doʻkonlar tarmogʻi bilan shartnoma: har kuni 1 200 dona non, narxi 3 500 soʻmdan. Namunangiz bormi?
    -3 14:26 | jasur | reply a | Bor. Yetkazib berish shartnomasi namunasini tayyorlab, bandlarini moslab beraman. Toʻlov muddati necha kun?
    -3 14:33 | bahrom | send | 10 kun.
    -3 16:48 | jasur | send b | Tayyor: № 19/26. Penya 0,1 %, lekin 10 % dan oshmaydi. Qaytarish sharti ham bor, non uchun muhim.
    -3 17:15 | bahrom | reply b | Juda soz, ularga yubordim.
    -1 11:20 | bahrom | send c | Ular penyani 0,05 % ga tushirishni soʻrashyapti. Rozi boʻlaveraymi?
    -1 11:45 | jasur | reply c | Rozi boʻlsangiz boʻladi, lekin evaziga toʻlov muddatini 7 kunga qisqartirishni soʻrang.
    -1 11:52 | bahrom | send | Yaxshi maslahat, aytaman.
    -1 12:05 | jasur | send | Natijasini yozing, oʻzgarishni shartnomaga kiritib beraman.
    """

  static let faktura = """
    -6 16:20 | bahrom | send a | Bugungi sotuv: 4 ta doʻkon, jami 16 380 000 soʻm. Roʻyxat: Afrosiyob 5,2 mln, Registon 4,9 mln, Siyob 3,88 mln, Zarafshon 2,4 mln.
    -6 16:45 | jasur | reply a | 4 ta hisob-faktura yuborildi: № 201–204.
    -6 17:10 | bahrom | send | Siyob qabul qilmadi, STIR eski ekan. Yangisi 307 904 118.
    -6 17:24 | jasur | send | Siyob uchun № 205 qayta yuborildi.
    -6 17:30 | jasur | close |
    -5 09:00 | bahrom | rate 4 |
    -1 16:30 | bahrom | send b | Kechagi va bugungi sotuvlar: jami 31 906 000 soʻm, 7 ta doʻkon. Excelni pochtangizga yubordim.
    -1 16:42 | jasur | reply b holding | Oldim, bugun ulguraman.
    -1 17:48 | jasur | send | 7 ta faktura yuborildi: № 231–237.
    now-22 | bahrom | send c | Registon 233-ni qaytardi: narx 3 500 emas, 3 400 boʻlishi kerak ekan (aksiya).
    """

  static let dovernost = """
    -2 08:55 | bahrom | send a | Un olish uchun ishonchnoma: Hamroyev Doniyor, AB 8812045, 20 tonna, “Don Mahsulot” AJ.
    -2 09:12 | jasur | reply a | Ishonchnoma № 12 tayyor, 10 kunga. Kalit bilan imzolang.
    -2 09:30 | bahrom | send | Imzolandi.
    -2 09:35 | jasur | close |
    """

  static let ttn = """
    -1 06:40 | bahrom | send a | Ertalabki 3 ta mashina uchun TTN kerak: 30 K 118 AA, 30 R 745 CA, 30 M 902 BA.
    -1 07:05 | jasur | reply a | Uchalasi tayyor: № 551, 552, 553.
    -1 07:12 | jasur | send b | 553-da marshrut Samarqand → Urgut.
    -1 07:20 | bahrom | reply b | Urgut emas, Kattaqoʻrgʻon edi.
    -1 07:26 | jasur | edit b | 553-da marshrut Samarqand → Kattaqoʻrgʻon.
    -1 07:31 | bahrom | send | Endi toʻgʻri. Rahmat!
    -1 07:40 | jasur | close |
    """
}
